-- getRateLimitTtl: how long the rate limiter holds starts back.
--
-- KEYS  1 limiter  2 meta
-- ARGV  1 the maximum to ask about, or 0 for the queue's own
-- gives ms | 0 not at all | without any maximum what is left of the window, as PTTL has it
-- emits nothing
--@include settings
--@include limiter
local q = {limiter = KEYS[1], meta = KEYS[2]}
local max = tonumber(ARGV[1])

if max == 0 then
  read_settings(q, true)
  max = q.max
  if not max then return redis.call('PTTL', q.limiter) end
end
return max and limiter_wait(q, max) or 0
