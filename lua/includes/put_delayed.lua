-- put_delayed: let a job wait until `now + delay`. A score has room for the order of 4096
-- jobs of one millisecond. The delay marker is the caller's to set.
--@include emit
local function put_delayed(q, id, now, delay)
  local due = delay > 0 and now + delay or now
  local first, last = due * 4096, due * 4096 + 4095
  local taken = redis.call('ZREVRANGEBYSCORE', q.delayed, last, first, 'WITHSCORES',
    'LIMIT', '0', '1')[2]
  local score = taken and math.min(tonumber(taken) + 1, last) or first
  redis.call('ZADD', q.delayed, score, id)
  emit(q, 'delayed', 'jobId', id, 'delay', due)
end
