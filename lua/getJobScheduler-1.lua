-- getJobScheduler: a scheduler's settings and when its next job is due.
--
-- KEYS  1 repeat
-- ARGV  1 scheduler id
-- gives {hash as a flat array, ms as text} | {} no such scheduler
-- emits nothing
local schedulers, id = KEYS[1], ARGV[1]

local next_ms = redis.call('ZSCORE', schedulers, id)
if not next_ms then return {} end
return {redis.call('HGETALL', schedulers .. ':' .. id), next_ms}
