-- schedule: when a scheduler's next job is due, and how it is added. It exists in advance, under
-- an id made of the scheduler's and that time.
--@include settings
--@include max_events
--@include store
--@include place_job

-- The first slot of an interval that is yet to come.
local function coming_slot(every, offset, now)
  local slot = math.floor(now / every) * every + offset
  return slot > now and slot or slot + every
end

-- The slot after `previous`; when that is past, those missed are skipped.
local function next_slot(previous, every, offset, now)
  local slot = previous + every
  return slot >= now and slot or coming_slot(every, offset, now)
end

local function scheduled_id(scheduler_id, ms)
  return 'repeat:' .. scheduler_id .. ':' .. string.format('%d', ms)
end

-- The next job, not stored yet. It keeps its deduplication id in its hash, but asks nobody: a
-- scheduler is one of its kind by itself.
local function scheduled_job(q, scheduler_id, id, ms, now, name, data, opts)
  local delay = math.max(ms - now, 0)
  opts.jobId, opts.delay = id, delay
  return {
    id = id, key = q.prefix .. id, name = name, data = data, opts_json = cjson.encode(opts),
    timestamp = now, delay = delay, priority = tonumber(opts.priority) or 0,
    lifo = opts.lifo == true, scheduler_id = scheduler_id,
    dedup_id = type(opts.de) == 'table' and opts.de.id, due = ms,
  }
end

local function add_scheduled(q, job)
  redis.call('ZADD', q.schedulers, job.due, job.scheduler_id)
  q.max_events = max_events(q.meta, read_settings(q))
  store_job(q, job)
  place_job(q, job, job.timestamp)
end
