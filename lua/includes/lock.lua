-- lock: giving a job's lock back. The token '0' stands for a run without a lock.

-- Nil when the lock was ours and is gone now; -2 when there is none, -6 when it is another's.
local function release_lock(q, job_key, id, token)
  if token == '0' then return nil end
  local lock = job_key .. ':lock'
  local holder = redis.call('GET', lock)
  if not holder then return -2 end
  if holder ~= token then return -6 end
  redis.call('DEL', lock)
  redis.call('SREM', q.stalled, id)
  return nil
end
