-- releaseLock: give a lock back without ending the job.
--
-- KEYS  1 the job's lock
-- ARGV  1 token
-- gives 1 | 0 the lock is gone or another's
-- emits nothing
local lock, token = KEYS[1], ARGV[1]

if redis.call('GET', lock) ~= token then return 0 end
return redis.call('DEL', lock)
