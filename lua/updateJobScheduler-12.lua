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
--@include whole
--@include schedule
local q = {
  prefix = ARGV[6], schedulers = KEYS[1], delayed = KEYS[2], wait = KEYS[3], paused = KEYS[4],
  meta = KEYS[5], prioritized = KEYS[6], marker = KEYS[7], id = KEYS[8], events = KEYS[9],
  pc = KEYS[10], active = KEYS[12],
}
local scheduler_id, now, fetched_id = ARGV[2], tonumber(ARGV[5]), ARGV[7]
local scheduler_key = q.prefix .. 'repeat:' .. scheduler_id
local opts = cmsgpack.unpack(ARGV[4])

local previous = tonumber(redis.call('ZSCORE', q.schedulers, scheduler_id))
if not previous or fetched_id ~= scheduled_id(scheduler_id, previous) then return nil end
local name, data, every, offset =
  unpack(redis.call('HMGET', scheduler_key, 'name', 'data', 'every', 'offset'))
if not name then return nil end

every = tonumber(every) or 0
local next_ms = every > 0 and next_slot(previous, every, tonumber(offset) or 0, now)
  or whole(ARGV[1])
if not next_ms then return nil end
local id = scheduled_id(scheduler_id, next_ms)
local job = scheduled_job(q, scheduler_id, id, next_ms, now, name, data or '{}', opts)
if redis.call('EXISTS', job.key) == 1 then
  redis.call('XADD', q.events, '*', 'event', 'duplicated', 'jobId', job.id)
  return nil
end

redis.call('INCR', q.id)
redis.pcall('HINCRBY', scheduler_key, 'ic', 1)
add_scheduled(q, job)
return job.id
