-- saveStacktrace: write down why an attempt failed.
--
-- KEYS  1 the job's hash
-- ARGV  1 stack traces, JSON array of texts  2 reason
-- gives 0 | -1 no job
-- emits nothing
local job_key, stacktrace, reason = KEYS[1], ARGV[1], ARGV[2]

if redis.call('EXISTS', job_key) == 0 then return -1 end
redis.call('HSET', job_key, 'stacktrace', stacktrace, 'failedReason', reason)
return 0
