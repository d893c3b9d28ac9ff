-- promote: delayed jobs whose time has come wait for their turn.

-- At most 1000 a call: the next fetch takes the rest. `now` may be text.
local function promote_due(q, now)
  local last = string.format('%d', (now + 1) * 4096 - 1)
  local ids = redis.call('ZRANGEBYSCORE', q.delayed, '0', last, 'LIMIT', '0', '1000')
  if #ids == 0 then return end
  --@include promote_job
  --@include mark_base
  redis.call('ZREM', q.delayed, unpack(ids))
  for _, id in ipairs(ids) do promote_job(q, id) end
  mark_base(q)
end
