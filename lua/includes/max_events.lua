-- max_events: how long the events stream may get; `meta` is made to say so.
--@include whole
local function max_events(q, settings)
  if not settings.max_events then redis.call('HSET', q.meta, 'opts.maxLenEvents', '10000') end
  return whole(settings.max_events) or 10000
end
