-- moveToWaitingChildren: a running job has added children, and steps aside until they ended.
--
-- KEYS  1 active  2 waiting-children  3 the job's hash  4 its pending children
--       5 its failed children  6 stalled  7 events
-- ARGV  1 token  2 the key of the one child to wait for, or empty  3 now, ms  4 id
--       5 the queue's key prefix
-- gives 0 | 1 nothing to wait for | -1 no job | -2 no lock | -3 not active
--       | -6 another's lock | -9 failed children
-- emits waiting-children
--@include leave_active
local q = {active = KEYS[1], waiting_children = KEYS[2], stalled = KEYS[6], events = KEYS[7]}
local job_key, pending, unsuccessful = KEYS[3], KEYS[4], KEYS[5]
local token, child_key, now, id = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

if redis.call('EXISTS', job_key) == 0 then return -1 end
if redis.call('EXISTS', unsuccessful) == 1 then return -9 end
local waits
if child_key == '' then
  waits = redis.call('EXISTS', pending)
else
  waits = redis.call('SISMEMBER', pending, child_key)
end
if waits == 0 then return 1 end
local refused = leave_active(q, job_key, id, token)
if refused then return refused end

redis.call('ZADD', q.waiting_children, now, id)
redis.call('XADD', q.events, '*', 'event', 'waiting-children', 'jobId', id, 'prev', 'active')
return 0
