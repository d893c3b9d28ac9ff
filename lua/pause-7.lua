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
--@include mark_delay
local pausing = ARGV[1] == 'paused'
local wait, paused = KEYS[1], KEYS[2]
if not pausing then wait, paused = paused, wait end
local q = {
  wait = wait, paused = paused, meta = KEYS[3], prioritized = KEYS[4], events = KEYS[5],
  delayed = KEYS[6], marker = KEYS[7],
}

-- What is in `paused` is before what is in `wait`, whichever list it ends up in.
local function to_wait() redis.call('LMOVE', q.paused, q.wait, 'LEFT', 'RIGHT') end
local function to_paused() redis.call('LMOVE', q.wait, q.paused, 'RIGHT', 'LEFT') end

-- All at once, since callers do not come back for more: the shorter list joins the longer one.
local function put_aside()
  local waiting, aside = redis.call('LLEN', q.wait), redis.call('LLEN', q.paused)
  if waiting < aside then
    for _ = 1, waiting do to_paused() end
  elseif waiting > 0 then
    for _ = 1, aside do to_wait() end
    redis.call('RENAME', q.wait, q.paused)
  end
end

local function pause()
  redis.call('DEL', q.marker) -- first, so that a full Redis can be paused
  redis.call('HSET', q.meta, 'paused', 1)
  local version = redis.call('HGET', q.meta, 'version') or ''
  if string.find(version, '^bullmq:5%.') then put_aside() end
  return 0
end

-- At most 7000 a call.
local function bring_back()
  local aside = redis.call('LLEN', q.paused)
  if aside == 0 then return 0 end
  if redis.call('EXISTS', q.wait) == 0 then
    redis.call('RENAME', q.paused, q.wait)
    return 0
  end
  for _ = 1, math.min(aside, 7000) do to_wait() end
  return math.max(aside - 7000, 0)
end

local function resume()
  redis.call('HDEL', q.meta, 'paused')
  local left = bring_back()
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
