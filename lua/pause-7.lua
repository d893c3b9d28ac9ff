-- pause: start no more jobs, or start them again.
--
-- KEYS  1 wait, to resume paused  2 paused, to resume wait  3 meta  4 prioritized  5 events
--       6 delayed  7 marker
-- ARGV  1 paused or resumed  2 0: no event
-- gives 0 | how many jobs are still in `paused`: resume again, without the event
-- emits paused | resumed
--
-- Jobs stay in `wait`. A BullMQ 5 pause keeps them in `paused`: resuming puts them before what
-- came since, and a queue of BullMQ 5 is paused its way, but never over a list that exists.
local pausing = ARGV[1] == 'paused'
local wait, paused = KEYS[1], KEYS[2]
if not pausing then wait, paused = paused, wait end
local meta, prioritized, events, delayed, marker = KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local left = 0

if pausing then
  redis.call('DEL', marker) -- first, so that a full Redis can be paused
  redis.call('HSET', meta, 'paused', '1')
  if string.find(redis.call('HGET', meta, 'version') or '', '^bullmq:5%.') then
    --@include put_aside
    put_aside(wait, paused)
  end
else
  redis.call('HDEL', meta, 'paused')
  if redis.call('EXISTS', paused) == 1 then
    --@include bring_back
    left = bring_back(wait, paused)
  end
  if redis.call('EXISTS', wait, prioritized) > 0 then
    redis.call('ZADD', marker, '0', '0')
  else
    --@include mark_delay
    mark_delay({delayed = delayed, marker = marker})
  end
end
if ARGV[2] ~= '0' then redis.call('XADD', events, '*', 'event', ARGV[1]) end
return left
