-- trim_events: for a command that emits much: what it writes after this is not lost.
--@include max_events
local function trim_events(q, max_len)
  redis.call('XTRIM', q.events, 'MAXLEN', '~', max_events(q.meta, max_len))
end
