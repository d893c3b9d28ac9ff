-- updateData: replace a job's payload.
--
-- KEYS  1 the job's hash
-- ARGV  1 data, JSON
-- gives 0 | -1 no job
-- emits nothing
local job_key, data = KEYS[1], ARGV[1]

if redis.call('EXISTS', job_key) == 0 then return -1 end
redis.call('HSET', job_key, 'data', data)
return 0
