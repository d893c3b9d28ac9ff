-- emit: tell listeners. Where the length of the stream was read (max_events.lua), it is trimmed
-- by the way: the last event of a command is enough.
local function emit(q, ...)
  if q.max_events then
    redis.call('XADD', q.events, 'MAXLEN', '~', q.max_events, '*', 'event', ...)
  else
    redis.call('XADD', q.events, '*', 'event', ...)
  end
end
