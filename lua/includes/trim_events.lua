-- trim_events: for a command that emits much: what it writes after this is not lost.
--@include limit_events
local function trim_events(q, max_len)
  limit_events(q, max_len)
  redis.call('XTRIM', q.events, 'MAXLEN', '~', q.max_events)
  q.max_events = nil
end
