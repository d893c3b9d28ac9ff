-- updateProgress: a running job tells how far it is.
--
-- KEYS  1 the job's hash  2 events  3 meta
-- ARGV  1 id  2 progress, JSON
-- gives 0 | -1 no job
-- emits progress
--@include limit_events
--@include emit
local q = {events = KEYS[2], meta = KEYS[3]}
local job_key, id, progress = KEYS[1], ARGV[1], ARGV[2]

if redis.call('EXISTS', job_key) == 0 then return -1 end
redis.call('HSET', job_key, 'progress', progress)
limit_events(q, redis.call('HGET', q.meta, 'opts.maxLenEvents'))
emit(q, 'progress', 'jobId', id, 'data', progress)
return 0
