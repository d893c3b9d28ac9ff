-- settings: what the queue's `meta` hash says, read once per command into the table of the
-- queue's keys: is_paused, concurrency; for a command that starts jobs max and duration too.
-- What is not set, or is no number, is not there.

-- Gives the text of opts.maxLenEvents, which is max_events' to judge, or false.
local function read_settings(q, starts)
  local meta
  if starts then
    meta = redis.call('HMGET', q.meta, 'paused', 'concurrency', 'opts.maxLenEvents',
      'max', 'duration')
    if meta[4] then q.max = tonumber(meta[4]) end
    if meta[5] then q.duration = tonumber(meta[5]) end
  else
    meta = redis.call('HMGET', q.meta, 'paused', 'concurrency', 'opts.maxLenEvents')
  end
  if meta[1] then q.is_paused = true end
  if meta[2] then q.concurrency = tonumber(meta[2]) end
  return meta[3]
end
