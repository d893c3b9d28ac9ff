-- changeDelay: a delayed job is due at another time.
--
-- KEYS  1 delayed  2 meta  3 marker  4 events
-- ARGV  1 delay from now on, ms  2 now, ms  3 id  4 the job's hash
-- gives 0 | -1 no job | -3 not delayed
-- emits delayed
--@include max_events
--@include put_delayed
--@include mark_delay
local q = {delayed = KEYS[1], meta = KEYS[2], marker = KEYS[3], events = KEYS[4]}
local delay, now, id, job_key = tonumber(ARGV[1]) or 0, ARGV[2], ARGV[3], ARGV[4]

if redis.call('EXISTS', job_key) == 0 then return -1 end
if not redis.call('ZSCORE', q.delayed, id) then return -3 end
redis.call('HSET', job_key, 'delay', delay)
q.max_events = max_events(q.meta, redis.call('HGET', q.meta, 'opts.maxLenEvents'))
put_delayed(q, id, now, delay)
mark_delay(q)
return 0
