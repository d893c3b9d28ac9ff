-- max_events: how long the events stream may get: `max_len`, which is what `meta` says, or, when
-- that is nothing, what it is made to say.
local function max_events(meta, max_len)
  if not max_len then
    redis.call('HSET', meta, 'opts.maxLenEvents', '10000')
    return '10000'
  end
  if max_len == '10000' then return max_len end -- what every BullMQ queue says, unless told
  --@include whole
  return whole(max_len) or 10000
end
