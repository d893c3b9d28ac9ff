-- removeDeduplicationKey: a job lets others of its deduplication id be added.
--
-- KEYS  1 the deduplication key
-- ARGV  1 the job's id
-- gives 1 | 0 the key is gone or another's
-- emits nothing
local key, id = KEYS[1], ARGV[1]

if redis.call('GET', key) ~= id then return 0 end
return redis.call('DEL', key)
