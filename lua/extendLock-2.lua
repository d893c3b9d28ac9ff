-- extendLock: keep one job.
--
-- KEYS  1 the job's lock  2 stalled
-- ARGV  1 token  2 duration, ms  3 id
-- gives 1 | 0 the lock is gone or another's
-- emits nothing
--@include extend_lock
return extend_lock(KEYS[1], KEYS[2], ARGV[3], ARGV[1], ARGV[2]) and 1 or 0
