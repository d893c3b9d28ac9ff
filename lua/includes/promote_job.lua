-- promote_job: a delayed job waits for its turn.
--@include put_waiting

-- It has left `delayed`. False when its hash is gone: then it goes nowhere.
local function promote_job(q, id)
  local key = q.prefix .. id
  local priority = redis.call('HGET', key, 'priority')
  if not priority and redis.call('EXISTS', key) == 0 then return false end
  put_waiting(q, id, tonumber(priority) or 0, 'LPUSH')
  redis.call('XADD', q.events, '*', 'event', 'waiting', 'jobId', id, 'prev', 'delayed')
  redis.call('HSET', key, 'delay', '0')
  return true
end
