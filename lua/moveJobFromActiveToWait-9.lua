-- moveJobFromActiveToWait: "not now": the job is next again, and no attempt was made.
--
-- KEYS  1 active  2 wait  3 stalled  4 paused  5 meta  6 limiter  7 prioritized  8 marker
--       9 events
-- ARGV  1 id  2 token  3 the job's hash
-- gives ms the rate limiter holds, or 0 | -1 no job | -2 no lock | -6 another's lock
-- emits waiting
--@include leave_active
--@include settings
--@include max_events
--@include enqueue
local q = {
  active = KEYS[1], wait = KEYS[2], stalled = KEYS[3], paused = KEYS[4], meta = KEYS[5],
  limiter = KEYS[6], prioritized = KEYS[7], marker = KEYS[8], events = KEYS[9],
}
local id, token, job_key = ARGV[1], ARGV[2], ARGV[3]

local priority = redis.call('HGET', job_key, 'priority')
if not priority and redis.call('EXISTS', job_key) == 0 then return -1 end
priority = tonumber(priority) or 0

local refused = leave_active(q, job_key, id, token)
if refused and refused ~= -3 then return refused end

if not refused then
  q.max_events = max_events(q.meta, read_settings(q))
  if priority > 0 then
    redis.call('ZADD', q.prioritized, priority * 0x100000000, id)
    emit(q, 'waiting', 'jobId', id, 'prev', 'active')
  else
    enqueue(q, id, 0, 'RPUSH', 'active')
  end
end
return math.max(redis.call('PTTL', q.limiter), 0)
