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
--@include take_out
--@include forget
--@include add_field
local q = {
  prefix = ARGV[8], schedulers = KEYS[1], delayed = KEYS[2], wait = KEYS[3], paused = KEYS[4],
  meta = KEYS[5], prioritized = KEYS[6], marker = KEYS[7], id = KEYS[8], events = KEYS[9],
  pc = KEYS[10], active = KEYS[11],
}
local scheduler, scheduler_id, data = cmsgpack.unpack(ARGV[2]), ARGV[3], ARGV[4]
local template, opts, now = cmsgpack.unpack(ARGV[5]), cmsgpack.unpack(ARGV[6]), tonumber(ARGV[7])
local scheduler_key = q.prefix .. 'repeat:' .. scheduler_id

local function positive(value)
  local n = tonumber(value)
  return n and n > 0 and n or nil
end

local every, offset = positive(scheduler.every), positive(scheduler.offset)
local previous = tonumber(redis.call('ZSCORE', q.schedulers, scheduler_id))
local old_every, old_offset, iterations =
  unpack(redis.call('HMGET', scheduler_key, 'every', 'offset', 'ic'))

-- The next job so far, while it waits in one way or another; nil once it was fetched.
local function find_replaced()
  local id = previous and scheduled_id(scheduler_id, previous)
  if id and (redis.call('ZSCORE', q.delayed, id) or redis.call('ZSCORE', q.prioritized, id)
    or redis.call('LPOS', q.wait, id) or redis.call('LPOS', q.paused, id)) then return id end
  return nil
end

local replaced = find_replaced()

-- A run that ended makes room for a pattern that comes back to its time: that job was promoted,
-- and has run before it was due.
local function is_free(ms)
  local id = scheduled_id(scheduler_id, ms)
  if id == replaced or redis.call('EXISTS', q.prefix .. id) == 0 then return true end
  return replaced and not every and (redis.call('ZSCORE', q.prefix .. 'completed', id)
    or redis.call('ZSCORE', q.prefix .. 'failed', id))
end

local function first_slot()
  local start = tonumber(scheduler.startDate)
  if start then return math.max(start, now) end
  return offset and coming_slot(every, offset, now) or now
end

-- The same interval goes on from where it was. Nil when 32 slots after the first are taken too.
local function free_slot()
  local slot
  if not previous or tonumber(old_every) ~= every then
    slot = first_slot()
  else
    slot = replaced and previous or next_slot(previous, every, offset or 0, now)
  end
  for _ = 0, 32 do
    if is_free(slot) then return slot end
    slot = slot + every
  end
  return nil
end

-- The scheduler as it is stored. Its offset is the distance of its first time to the slot.
local function scheduler_hash(ms)
  local hash = {'name', scheduler.name or '', 'ic', iterations or 1}
  for _, field in ipairs({'startDate', 'endDate', 'tz', 'pattern', 'every', 'limit'}) do
    add_field(hash, field, scheduler[field])
  end
  if replaced and not offset then
    add_field(hash, 'offset', old_offset)
  else
    add_field(hash, 'offset', offset or every and ms % every or 0)
  end
  add_field(hash, 'opts', next(template) and cjson.encode(template))
  add_field(hash, 'data', data ~= '{}' and data)
  return hash
end

local function remove_job(id)
  take_out(q, id)
  forget_job(q.prefix, id)
end

local ms
if every then
  ms = free_slot()
  if not ms then return -11 end
else
  ms = whole(ARGV[1]) or now
  if not is_free(ms) then return -10 end
end
local hash = scheduler_hash(ms)
local job = scheduled_job(q, scheduler_id, ms, now, scheduler.name or '', data, opts)

redis.call('INCR', q.id) -- first, so that a full Redis refuses before anything has changed
if replaced then remove_job(replaced) end
if redis.call('EXISTS', job.key) == 1 then remove_job(job.id) end
redis.call('DEL', scheduler_key)
redis.call('HSET', scheduler_key, unpack(hash))
add_scheduled(q, job)
return {job.id, job.delay}
