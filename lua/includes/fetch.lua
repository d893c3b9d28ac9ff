-- fetch: the next job, locked and started, in the four-element answer of BullMQ:
-- {hash as a flat array | 0, id | 0, ms to wait for the rate limiter, ms when one is due}.
-- Nil when there is no job at all, neither waiting nor delayed. `now` is text: it is stored.
-- The settings of q have been read, those of starts too; none_delayed where that is known.
--@include blocked
--@include next_due
--@include promote
--@include start

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

local function fetch(q, now, opts)
  if not q.none_delayed then promote_due(q, now) end

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
  redis.call('LPUSH', q.active, id)
  local deferred = start_job(q, id, hash, opts.token, now, opts)
  redis.call('ZADD', q.marker, '0', '0') -- the next worker wakes
  if max and not deferred and redis.pcall('INCR', q.limiter) == 1 then
    -- the first start opens the limiter's window
    local duration = limiter and tonumber(limiter.duration) or q.duration
    if duration then redis.pcall('PEXPIRE', q.limiter, math.floor(duration)) end
  end
  return {hash, id, 0, 0}
end
