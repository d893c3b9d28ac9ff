-- updateProgress: a running job tells how far it is.
--
-- KEYS  1 the job's hash  2 events  3 meta
-- ARGV  1 id  2 progress, JSON
-- gives 0 | -1 no job
-- emits progress
--@include max_events
local job_key, events, meta = KEYS[1], KEYS[2], KEYS[3]
local id, progress = ARGV[1], ARGV[2]

if redis.call('EXISTS', job_key) == 0 then return -1 end
redis.call('HSET', job_key, 'progress', progress)
local max_len = redis.call('HGET', meta, 'opts.maxLenEvents')
redis.call('XADD', events, 'MAXLEN', '~', max_events(meta, max_len), '*', 'event', 'progress',
  'jobId', id, 'data', progress)
return 0
