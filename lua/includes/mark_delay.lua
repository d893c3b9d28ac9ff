-- mark_delay: tell sleeping workers when the first delayed job is due.
--@include next_due
local function mark_delay(q)
  local due = next_due(q)
  if due then redis.call('ZADD', q.marker, due, '1') end
end
