-- pause: start no more jobs, or start them again.
--
-- KEYS  1 wait, to resume paused  2 paused, to resume wait  3 meta  4 prioritized  5 events
--       6 delayed  7 marker
-- ARGV  1 paused or resumed  2 0: no event
-- gives how many jobs are still to be moved: call again, without the event, until it is 0
-- emits paused | resumed
--
-- Jobs stay in `wait`. A BullMQ 5 pause keeps them in `paused`: resuming puts them before what
-- came since, and a queue of BullMQ 5 is paused its way, but never over a list that exists.
--@include mark_delay
local from, to, pausing = KEYS[1], KEYS[2], ARGV[1] == 'paused'
local q = {
  wait = pausing and from or to, meta = KEYS[3], prioritized = KEYS[4], events = KEYS[5],
  delayed = KEYS[6], marker = KEYS[7],
}

-- At most 7000 a call. Going to `paused`, jobs line up behind what is there; coming back,
-- they go before.
local function move_jobs()
  if redis.call('EXISTS', from) == 0 then return 0 end
  if redis.call('EXISTS', to) == 0 then
    redis.call('RENAME', from, to)
    return 0
  end
  local out, into = 'LEFT', 'RIGHT'
  if pausing then out, into = into, out end
  for _ = 1, math.min(redis.call('LLEN', from), 7000) do
    redis.call('LMOVE', from, to, out, into)
  end
  return redis.call('LLEN', from)
end

local function pause()
  redis.call('DEL', q.marker) -- first, so that a full Redis can be paused
  redis.call('HSET', q.meta, 'paused', 1)
  local version = redis.call('HGET', q.meta, 'version') or ''
  return string.find(version, '^bullmq:5%.') and move_jobs() or 0
end

local function resume()
  redis.call('HDEL', q.meta, 'paused')
  local left = move_jobs()
  if redis.call('EXISTS', q.wait, q.prioritized) > 0 then
    redis.call('ZADD', q.marker, 0, '0')
  else
    mark_delay(q)
  end
  return left
end

local left = pausing and pause() or not pausing and resume()
if ARGV[2] ~= '0' then redis.call('XADD', q.events, '*', 'event', ARGV[1]) end
return left
