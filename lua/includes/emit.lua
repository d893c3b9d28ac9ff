-- emit: tell listeners. Where q.max_events was set the stream is trimmed by the way: for that the
-- last event of a command is enough.
local function emit(q, ...)
  if q.max_events then
    redis.call('XADD', q.events, 'MAXLEN', '~', q.max_events, '*', 'event', ...)
  else
    redis.call('XADD', q.events, '*', 'event', ...)
  end
end
