-- trim_events: to be called before a command emits anything: what it writes itself is not lost.
--@include max_events
local function trim_events(q, settings)
  redis.call('XTRIM', q.events, 'MAXLEN', '~', max_events(q, settings))
end
