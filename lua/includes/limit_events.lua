-- limit_events: from now on what is emitted trims the stream, and `meta` says to what length.
-- `max_len` is what it said so far.
local function limit_events(q, max_len)
  if not max_len then
    redis.call('HSET', q.meta, 'opts.maxLenEvents', '10000')
    max_len = '10000'
  end
  if #max_len < 16 and string.find(max_len, '^[1-9]%d*$') then
    q.max_events = max_len
  else
    --@include whole
    q.max_events = whole(max_len) or 10000
  end
end
