-- mark_base: wake a sleeping worker: there may be a job to take now.
--@include blocked
local function mark_base(q)
  if not is_blocked(q) then redis.call('ZADD', q.marker, '0', '0') end
end
