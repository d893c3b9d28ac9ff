-- extend_lock: keep a job that is being run from looking stalled.

-- True when the token still holds the lock. Neither write needs memory, so that a full
-- Redis never costs a worker its jobs.
local function extend_lock(lock, stalled, id, token, duration)
  if redis.call('GET', lock) ~= token then return false end
  redis.call('PEXPIRE', lock, duration)
  redis.call('SREM', stalled, id)
  return true
end
