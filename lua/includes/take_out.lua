-- take_out: take a job out of where it is, wherever that is. Its hash stays.

-- Gives the state the job was in, as its key is called.
local function take_out(prefix, id)
  for _, state in ipairs({'completed', 'failed', 'delayed', 'prioritized', 'waiting-children'}) do
    if redis.call('ZREM', prefix .. state, id) == 1 then return state end
  end
  for _, state in ipairs({'active', 'wait', 'paused'}) do
    if redis.call('LREM', prefix .. state, -1, id) > 0 then return state end
  end
  return 'unknown'
end
