-- put_delayed: let a job wait until `now + delay`. A score has room for the order of 4096
-- jobs of one millisecond. The delay marker is the caller's to set. Scores go to Redis as %d
-- writes them: exactly, and at less cost than as numbers.
--@include emit
local function put_delayed(q, id, now, delay)
  local due = delay > 0 and now + delay or now
  local first, last = due * 4096, due * 4096 + 4095
  local taken = redis.call('ZREVRANGEBYSCORE', q.delayed, string.format('%d', last),
    string.format('%d', first), 'WITHSCORES', 'LIMIT', '0', '1')[2]
  local score = taken and math.min(tonumber(taken) + 1, last) or first
  redis.call('ZADD', q.delayed, string.format('%d', score), id)
  emit(q, 'delayed', 'jobId', id, 'delay', string.format('%d', due))
end
