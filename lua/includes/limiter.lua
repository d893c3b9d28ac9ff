-- limiter: its counter counts starts, within a window that ends with the key.

-- How long the rate limiter holds starts back, in ms; 0: not at all.
local function limiter_wait(q, max)
  if (tonumber(redis.call('GET', q.limiter)) or 0) < max then return 0 end
  local ttl = redis.call('PTTL', q.limiter)
  if ttl == 0 then redis.call('DEL', q.limiter) end
  return math.max(ttl, 0)
end
