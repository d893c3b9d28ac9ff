-- isFinished: has a job ended, and how.
--
-- KEYS  1 completed  2 failed  3 the job's hash
-- ARGV  1 id  2 1: give the return value or the reason too
-- gives 0 | 1 completed | 2 failed | -1 no job; asked for the value, {that, value}
-- emits nothing
local completed, failed, job_key = KEYS[1], KEYS[2], KEYS[3]
local id, with_value = ARGV[1], ARGV[2] == '1'

local code, value
if redis.call('EXISTS', job_key) == 0 then
  code, value = -1, 'Missing key for job ' .. job_key .. '. isFinished'
elseif redis.call('ZSCORE', completed, id) then
  code, value = 1, with_value and redis.call('HGET', job_key, 'returnvalue')
elseif redis.call('ZSCORE', failed, id) then
  code, value = 2, with_value and redis.call('HGET', job_key, 'failedReason')
else
  code = 0
end
return with_value and {code, value} or code
