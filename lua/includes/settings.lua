-- settings: what the queue's `meta` hash says, read once per command. What is not a number
-- counts as not set.
local function read_settings(meta)
  local paused, concurrency, max, duration, max_events = unpack(redis.call('HMGET', meta,
    'paused', 'concurrency', 'max', 'duration', 'opts.maxLenEvents'))
  return {
    paused = paused,
    concurrency = tonumber(concurrency),
    max = tonumber(max),
    duration = tonumber(duration),
    max_events = max_events, -- as text, see max_events.lua
  }
end
