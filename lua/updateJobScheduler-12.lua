-- updateJobScheduler: a scheduler's job was fetched, so its next one is created.
--
-- KEYS  1 repeat  2 delayed  3 wait  4 paused  5 meta  6 prioritized  7 marker  8 id
--       9 events  10 pc  11 the fetched job's hash or empty (unused)  12 active
-- ARGV  1 next time, ms (for `pattern`; that of `every` is computed here)
--       2 scheduler id  3 data, JSON (unused: the scheduler has its own)
--       4 packed options of the next job  5 now, ms  6 the queue's key prefix
--       7 id of the fetched job
-- gives the next job's id | nil, when there is no scheduler, the job fetched is not its
--       current one, or the next one exists
-- emits added, delayed or waiting | duplicated
--@include settings
--@include store
--@include place_job
local q = {
  prefix = ARGV[6], schedulers = KEYS[1], delayed = KEYS[2], wait = KEYS[3], paused = KEYS[4],
  meta = KEYS[5], prioritized = KEYS[6], marker = KEYS[7], id = KEYS[8], events = KEYS[9],
  pc = KEYS[10], active = KEYS[12],
}
local scheduler_id, now, fetched_id = ARGV[2], tonumber(ARGV[5]), ARGV[7]
local scheduler_key = q.prefix .. 'repeat:' .. scheduler_id
local opts = cmsgpack.unpack(ARGV[4])

-- The slot after `previous`; when that is past, the first one to come.
local function next_slot(previous, every, offset)
  local slot = previous + every
  if slot >= now then return slot end
  slot = math.floor(now / every) * every + offset
  return slot > now and slot or slot + every
end

local function job_id(ms) return 'repeat:' .. scheduler_id .. ':' .. ms end

local previous = redis.call('ZSCORE', q.schedulers, scheduler_id)
if not previous or fetched_id ~= job_id(previous) then return nil end
local name, data, every, offset =
  unpack(redis.call('HMGET', scheduler_key, 'name', 'data', 'every', 'offset'))
if not name then return nil end

every = tonumber(every) or 0
local next_ms = every > 0 and next_slot(tonumber(previous), every, tonumber(offset) or 0)
  or tonumber(ARGV[1])
local id = job_id(string.format('%.0f', next_ms))
if redis.call('EXISTS', q.prefix .. id) == 1 then
  redis.call('XADD', q.events, '*', 'event', 'duplicated', 'jobId', id)
  return nil
end

local delay = math.max(next_ms - now, 0)
opts.delay, opts.jobId = delay, id
if every > 0 then opts.prevMillis = next_ms end
local job = {
  id = id, key = q.prefix .. id, name = name, data = data or '{}', opts = opts,
  opts_json = cjson.encode(opts), timestamp = now, delay = delay,
  priority = tonumber(opts.priority) or 0, scheduler_id = scheduler_id,
}
redis.call('INCR', q.id)
redis.call('ZADD', q.schedulers, next_ms, scheduler_id)
redis.pcall('HINCRBY', scheduler_key, 'ic', 1)
local settings = read_settings(q.meta)
store_job(q, settings, job)
place_job(q, settings, job, now)
return id
