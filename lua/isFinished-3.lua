-- isFinished: has a job ended, and how.
--
-- KEYS  1 completed  2 failed  3 the job's hash
-- ARGV  1 id  2 1: give the return value or the reason too
-- gives 0 | 1 completed | 2 failed | -1 no job; asked for the value, {that, value}
-- emits nothing
local completed, failed, job_key = KEYS[1], KEYS[2], KEYS[3]
local id, with_value = ARGV[1], ARGV[2] == '1'

local function answer(code, value)
  if with_value then return {code, value} end
  return code
end

if redis.call('EXISTS', job_key) == 0 then
  return answer(-1, 'Missing key for job ' .. job_key .. '. isFinished')
end
if redis.call('ZSCORE', completed, id) then
  return answer(1, redis.call('HGET', job_key, 'returnvalue'))
end
if redis.call('ZSCORE', failed, id) then
  return answer(2, redis.call('HGET', job_key, 'failedReason'))
end
return answer(0)
