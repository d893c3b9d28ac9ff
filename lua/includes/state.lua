-- state: where a job is. Used by getState and getStateV2, which BullMQ tells apart by what
-- Redis could do before 6.0.6.
--
-- KEYS  1 completed  2 failed  3 delayed  4 active  5 wait  6 paused  7 waiting-children
--       8 prioritized
-- ARGV  1 id
local function job_state()
  local completed, failed, delayed, active, wait, paused, waiting_children, prioritized =
    unpack(KEYS)
  local id = ARGV[1]

  if redis.call('ZSCORE', completed, id) then return 'completed' end
  if redis.call('ZSCORE', failed, id) then return 'failed' end
  if redis.call('ZSCORE', delayed, id) then return 'delayed' end
  if redis.call('ZSCORE', prioritized, id) then return 'prioritized' end
  if redis.call('LPOS', active, id) then return 'active' end
  if redis.call('LPOS', wait, id) or redis.call('LPOS', paused, id) then return 'waiting' end
  if redis.call('ZSCORE', waiting_children, id) then return 'waiting-children' end
  return 'unknown'
end
