-- addJobScheduler: have a job added again and again, or change how. A next job that was not
-- fetched yet gives way to a new one.
--
-- KEYS  1 repeat  2 delayed  3 wait  4 paused  5 meta  6 prioritized  7 marker  8 id
--       9 events  10 pc  11 active
-- ARGV  1 next time, ms (for `pattern`; that of `every` is computed here)
--       2 packed scheduler {name, startDate?, endDate?, tz?, pattern?, every?, limit?, offset?}
--       3 scheduler id  4 template data, JSON  5 packed template options
--       6 packed options of the next job  7 now, ms  8 the queue's key prefix
--       9 the key of the job that asks, or empty (unused)
-- gives {the next job's id, its delay in ms} | -10 a job of that id exists (`pattern`)
--       | -11 32 slots in a row are taken (`every`)
-- emits added, delayed or waiting
--@include settings
--@include whole
--@include schedule
local q = {
  prefix = ARGV[8], schedulers = KEYS[1], delayed = KEYS[2], wait = KEYS[3], paused = KEYS[4],
  meta = KEYS[5], prioritized = KEYS[6], marker = KEYS[7], id = KEYS[8], events = KEYS[9],
  pc = KEYS[10], active = KEYS[11],
}
local scheduler, scheduler_id, data = cmsgpack.unpack(ARGV[2]), ARGV[3], ARGV[4]
local template, opts, now = cmsgpack.unpack(ARGV[5]), cmsgpack.unpack(ARGV[6]), tonumber(ARGV[7])
local scheduler_key = q.prefix .. 'repeat:' .. scheduler_id

-- What is not above 0 counts as not given.
local every, offset = tonumber(scheduler.every) or 0, tonumber(scheduler.offset) or 0
every, offset = every > 0 and every or nil, offset > 0 and offset or nil

local previous = tonumber(redis.call('ZSCORE', q.schedulers, scheduler_id))
local old_every, old_offset, iterations =
  unpack(redis.call('HMGET', scheduler_key, 'every', 'offset', 'ic'))

-- The next job so far, while it waits in one way or another; nil once it was fetched.
local replaced = previous and scheduled_id(scheduler_id, previous)
if replaced and not (redis.call('ZSCORE', q.delayed, replaced)
  or redis.call('ZSCORE', q.prioritized, replaced)
  or redis.call('LPOS', q.wait, replaced) or redis.call('LPOS', q.paused, replaced)) then
  replaced = nil
end

-- The next job's id is `id` when it is free. A run that ended makes room for a pattern that comes
-- back to its time: that job was promoted, and has run before it was due.
local id, ended
local function is_free(ms)
  id = scheduled_id(scheduler_id, ms)
  if id == replaced or redis.call('EXISTS', q.prefix .. id) == 0 then return true end
  if replaced and not every and (redis.call('ZSCORE', q.prefix .. 'completed', id)
    or redis.call('ZSCORE', q.prefix .. 'failed', id)) then ended = id end
  return ended ~= nil
end

-- The same interval goes on from where it was. Nil when 32 slots after the first are taken too.
local function free_slot()
  local start = tonumber(scheduler.startDate)
  local slot
  if previous and tonumber(old_every) == every then
    slot = replaced and previous or next_slot(previous, every, offset or 0, now)
  elseif start then
    slot = math.max(start, now)
  else
    slot = offset and coming_slot(every, offset, now) or now
  end
  for _ = 0, 32 do
    if is_free(slot) then return slot end
    slot = slot + every
  end
  return nil
end

local ms
if every then
  ms = free_slot()
  if not ms then return -11 end
else
  ms = whole(ARGV[1]) or now
  if not is_free(ms) then return -10 end
end
local name = scheduler.name or ''
local job = scheduled_job(q, scheduler_id, id, ms, now, name, data, opts)

-- The offset that is kept is the distance of the first time to its slot.
if replaced and not offset then
  offset = old_offset
elseif not offset then
  offset = every and ms % every or 0
end
local hash, n = {'name', name, 'ic', iterations or '1'}, 4
for field, value in pairs({startDate = scheduler.startDate, endDate = scheduler.endDate,
  tz = scheduler.tz, pattern = scheduler.pattern, every = every, limit = scheduler.limit,
  offset = offset or nil, data = data ~= '{}' and data or nil,
  opts = next(template) and cjson.encode(template) or nil}) do
  hash[n + 1], hash[n + 2], n = field, value, n + 2
end

redis.call('INCR', q.id) -- first, so that a full Redis refuses before anything has changed
if replaced then
  --@include take_out
  --@include drop_scheduled
  for _, gone in ipairs({replaced, ended}) do
    take_out(q.prefix, gone)
    drop_scheduled(q.prefix, gone)
  end
end
redis.call('DEL', scheduler_key)
redis.call('HSET', scheduler_key, unpack(hash))
add_scheduled(q, job)
return {job.id, job.delay}
