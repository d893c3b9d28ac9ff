-- fetch: the next job, locked and started, in the four-element answer of BullMQ:
-- {hash as a flat array | 0, id | 0, ms to wait for the rate limiter, ms when one is due}.
-- Nil when there is no job at all, neither waiting nor delayed. `now` is text: it is stored.
-- The settings of q have been read, those of starts too.
--@include blocked
--@include next_due
--@include promote

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
  redis.call('ZADD', q.marker, '0', '0')
  return nil
end

-- Set a field of a hash as a flat array. `place` is that of its value, nil when it has none.
local function set_field(flat, place, field, value)
  if place then
    flat[place] = value
  else
    local n = #flat
    flat[n + 1], flat[n + 2] = field, value
  end
end

-- Lock it, write down who runs it since when, in `hash` as well, and wake the next worker.
-- True when the job is only to be failed.
local function start_job(q, id, hash, now, opts)
  local started_on, starts, worker, deferred
  for i = 1, #hash, 2 do
    local field = hash[i]
    if field == 'processedOn' then
      started_on = i + 1
    elseif field == 'ats' then
      starts = i + 1
    elseif field == 'pb' then
      worker = i + 1
    elseif field == 'defa' then
      deferred = true
    end
  end
  local key = q.prefix .. id
  local started = tostring((starts and tonumber(hash[starts]) or 0) + 1)
  set_field(hash, started_on, 'processedOn', now)
  set_field(hash, starts, 'ats', started)

  redis.call('LPUSH', q.active, id)
  if opts.token and opts.token ~= '0' then
    local duration = math.floor(tonumber(opts.lockDuration) or 30000)
    redis.call('SET', key .. ':lock', opts.token, 'PX', math.max(duration, 1))
  end
  redis.call('XADD', q.events, '*', 'event', 'active', 'jobId', id, 'prev', 'waiting')
  if opts.name then
    set_field(hash, worker, 'pb', opts.name)
    redis.call('HSET', key, 'processedOn', now, 'ats', started, 'pb', opts.name)
  else
    redis.call('HSET', key, 'processedOn', now, 'ats', started)
  end
  redis.call('ZADD', q.marker, '0', '0')
  return deferred
end

local function fetch(q, now, opts)
  promote_due(q, now)

  local limiter = opts.limiter
  local max = q.max or limiter and tonumber(limiter.max)
  if max then
    --@include limiter
    local wait_ms = limiter_wait(q, max)
    if wait_ms > 0 then return {0, 0, wait_ms, 0} end
  end
  if is_blocked(q) then return {0, 0, 0, 0} end

  local id, hash = take_job(q)
  if not id then
    local due = next_due(q)
    return due and {0, 0, 0, due}
  end
  local deferred = start_job(q, id, hash, now, opts)
  if max and not deferred and redis.pcall('INCR', q.limiter) == 1 then
    -- the first start opens the limiter's window
    local duration = limiter and tonumber(limiter.duration) or q.duration
    if duration then redis.pcall('PEXPIRE', q.limiter, math.floor(duration)) end
  end
  return {hash, id, 0, 0}
end
