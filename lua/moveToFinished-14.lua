-- moveToFinished: a run ended for good: store what came out, tell parents and duplicates,
-- and take the next job, if asked.
--
-- KEYS  1 wait  2 active  3 prioritized  4 events  5 stalled  6 limiter  7 delayed  8 paused
--       9 meta  10 pc  11 completed or failed  12 the job's hash  13 its kind's metrics
--       14 marker
-- ARGV  1 id
--       2 now, ms
--       3 returnvalue or failedReason
--       4 that value: JSON, or a reason's text
--       5 completed or failed
--       6 1: fetch the next job
--       7 the queue's key prefix
--       8 packed {token, lockDuration, limiter?, name?, keepJobs, attempts, maxMetricsSize}
--       9 packed fields for the hash, or empty
-- gives 0 | what a fetch gives | -1 no job | -2 no lock | -3 not active | -4 pending children
--       | -6 another's lock | -9 failed children
-- emits completed or failed, retries-exhausted, drained; those of a fetch; in the parent's
--       queue waiting or delayed; for a duplicate that was kept those of an add
--@include settings
--@include whole
--@include trim_events
--@include leave_active
--@include enqueue
--@include mark_delay
--@include queue_of
--@include delete_job
--@include keep
local q = {
  prefix = ARGV[7], wait = KEYS[1], active = KEYS[2], prioritized = KEYS[3], events = KEYS[4],
  stalled = KEYS[5], limiter = KEYS[6], delayed = KEYS[7], paused = KEYS[8], meta = KEYS[9],
  pc = KEYS[10], marker = KEYS[14],
}
local finished, job_key, metrics = KEYS[11], KEYS[12], KEYS[13]
local id, now, field, value = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local completed, fetch_next = ARGV[5] == 'completed', ARGV[6] == '1'
local opts = cmsgpack.unpack(ARGV[8])
local keep = type(opts.keepJobs) == 'table' and opts.keepJobs or {}

local name, attempts, parent_key, parent_json, dedup_id =
  unpack(redis.call('HMGET', job_key, 'name', 'atm', 'parentKey', 'parent', 'deid'))
if not name and redis.call('EXISTS', job_key) == 0 then return -1 end
local pending, unsuccessful = job_key .. ':dependencies', job_key .. ':unsuccessful'
if completed and redis.call('EXISTS', pending, unsuccessful) > 0 then
  return redis.call('EXISTS', pending) == 1 and -4 or -9
end
local refused = leave_active(q, job_key, id, opts.token, ARGV[9])
if refused then return refused end

local max_len = read_settings(q, fetch_next)
trim_events(q, max_len)
if dedup_id or parent_key then
  --@include dedup_end
  --@include report_child
  if dedup_id then end_dedup(q, max_len, dedup_id, id, now) end
  if completed and parent_key then
    report_completed(parent_key, job_key, value, now)
  elseif parent_key then
    report_failed(parent_key, parent_json, job_key, value, now)
  end
end

attempts = (tonumber(attempts) or 0) + 1
if whole(keep.count) == 0 then
  if parent_key then
    forget_jobs(q.prefix, finished, {id})
  else
    delete_job(job_key)
  end
else
  redis.call('ZADD', finished, now, id)
  redis.call('HSET', job_key, field, value, 'finishedOn', now, 'atm', attempts)
  if not completed then redis.call('HDEL', job_key, 'defa') end
  forget_old(q.prefix, finished, keep, now)
end

redis.call('XADD', q.events, '*', 'event', ARGV[5], 'jobId', id, field, value, 'prev', 'active')
if not completed and attempts >= (tonumber(opts.attempts) or 0) then
  redis.call('XADD', q.events, '*', 'event', 'retries-exhausted', 'jobId', id,
    'attemptsMade', attempts)
end
local metrics_size = whole(opts.maxMetricsSize) or 0
if metrics_size > 0 then
  --@include metrics
  count_metric(metrics, metrics_size, now)
end

if fetch_next then
  --@include fetch
  local reply = fetch(q, now, opts)
  if reply then return reply end
end
if redis.call('EXISTS', q.wait, q.active, q.prioritized) == 0 then
  redis.call('XADD', q.events, '*', 'event', 'drained')
end
return 0
