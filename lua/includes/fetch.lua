-- fetch: the next job, locked and started, in the four-element answer of BullMQ:
-- {hash as a flat array | 0, id | 0, ms to wait for the rate limiter, ms when one is due}.
-- Nil when there is no job at all, neither waiting nor delayed.
--@include promote
--@include blocked
--@include next_due
--@include limiter

local function field_get(flat, field)
  for i = 1, #flat, 2 do
    if flat[i] == field then return flat[i + 1] end
  end
  return nil
end

local function field_set(flat, field, value)
  for i = 1, #flat, 2 do
    if flat[i] == field then
      flat[i + 1] = value
      return
    end
  end
  flat[#flat + 1] = field
  flat[#flat + 1] = value
end

-- A start uses up one of the limiter's; the first one opens its window.
local function limiter_count(q, duration)
  if redis.pcall('INCR', q.limiter) == 1 and duration then
    redis.pcall('PEXPIRE', q.limiter, math.floor(duration))
  end
end

-- Take ids until one has a hash. Ids without are dropped, at most 1000 a call; then the
-- marker has the next fetch go on.
local function take_job(q)
  for _ = 1, 1000 do
    local id = redis.call('RPOP', q.wait) or redis.call('ZPOPMIN', q.prioritized)[1]
    if not id then
      redis.call('DEL', q.pc)
      return nil
    end
    local hash = redis.call('HGETALL', q.prefix .. id)
    if #hash > 0 then return id, hash end
  end
  redis.call('ZADD', q.marker, 0, '0')
  return nil
end

-- Lock it, write down who runs it since when, and wake the next worker.
local function start_job(q, id, hash, now, opts)
  local key = q.prefix .. id
  local started_at, started = tostring(now), tostring((tonumber(field_get(hash, 'ats')) or 0) + 1)
  redis.call('LPUSH', q.active, id)
  if opts.token and opts.token ~= '0' then
    local duration = math.floor(tonumber(opts.lockDuration) or 30000)
    redis.call('SET', key .. ':lock', opts.token, 'PX', math.max(duration, 1))
  end
  redis.call('XADD', q.events, '*', 'event', 'active', 'jobId', id, 'prev', 'waiting')
  field_set(hash, 'processedOn', started_at)
  field_set(hash, 'ats', started)
  if opts.name then
    field_set(hash, 'pb', opts.name)
    redis.call('HSET', key, 'processedOn', started_at, 'ats', started, 'pb', opts.name)
  else
    redis.call('HSET', key, 'processedOn', started_at, 'ats', started)
  end
  redis.call('ZADD', q.marker, 0, '0')
end

local function fetch(q, settings, now, opts)
  promote_due(q, settings, now)

  local limiter = opts.limiter
  local max = settings.max or limiter and tonumber(limiter.max)
  local wait_ms = max and limiter_wait(q, max) or 0
  if wait_ms > 0 then return {0, 0, wait_ms, 0} end
  if is_blocked(q, settings) then return {0, 0, 0, 0} end

  local id, hash = take_job(q)
  if not id then
    local due = next_due(q)
    return due and {0, 0, 0, due}
  end
  if max and not field_get(hash, 'defa') then
    limiter_count(q, limiter and tonumber(limiter.duration) or settings.duration)
  end
  start_job(q, id, hash, now, opts)
  return {hash, id, 0, 0}
end
