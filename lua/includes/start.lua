-- start: a job that was taken begins to run.

-- Set a field of a hash as a flat array. `place` is that of its value, nil when it has none.
local function set_field(flat, place, field, value)
  if place then
    flat[place] = value
  else
    local n = #flat
    flat[n + 1], flat[n + 2] = field, value
  end
end

-- Lock it, tell, and write down who runs it since when, in `hash` as well. True when the job is
-- only to be failed.
local function start_job(q, id, hash, token, now, opts)
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
  -- Most have never been started; what is text already, Redis takes at less cost.
  local started = starts and tostring((tonumber(hash[starts]) or 0) + 1) or '1'
  set_field(hash, started_on, 'processedOn', now)
  set_field(hash, starts, 'ats', started)

  if token and token ~= '0' then
    opts.lock_ms = opts.lock_ms
      or string.format('%d', math.max(tonumber(opts.lockDuration) or 30000, 1))
    redis.call('SET', key .. ':lock', token, 'PX', opts.lock_ms)
  end
  redis.call('XADD', q.events, '*', 'event', 'active', 'jobId', id, 'prev', 'waiting')
  if opts.name then
    set_field(hash, worker, 'pb', opts.name)
    redis.call('HSET', key, 'processedOn', now, 'ats', started, 'pb', opts.name)
  else
    redis.call('HSET', key, 'processedOn', now, 'ats', started)
  end
  return deferred
end
