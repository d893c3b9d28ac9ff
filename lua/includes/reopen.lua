-- reopen: a job that ended is to run once more.

-- `state` is the one it ended in. A parent that was told of the end waits for the job again, if
-- it has not gone on; it is not called back.
local function reopen_job(key, state, parent_key)
  local completed = state == 'completed'
  redis.call('HDEL', key, 'finishedOn', 'processedOn',
    completed and 'returnvalue' or 'failedReason')
  if not parent_key or redis.call('EXISTS', parent_key) == 0 then return end
  local told
  if completed then
    told = redis.call('HDEL', parent_key .. ':processed', key)
  else
    told = redis.call('ZREM', parent_key .. ':unsuccessful', key)
      + redis.call('HDEL', parent_key .. ':failed', key)
  end
  if told > 0 then redis.call('SADD', parent_key .. ':dependencies', key) end
end
