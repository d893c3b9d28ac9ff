-- addDelayedJob: add a job that has to wait, whatever its priority.
--
-- KEYS  1 marker  2 meta  3 id  4 delayed  5 completed  6 events
-- ARGV  1 packed add arguments  2 data, JSON  3 packed options (see includes/add.lua)
-- gives the job's id, or that of the job that stands for it | -5 no parent | -7 other parent
-- emits added, delayed | duplicated | deduplicated, removed
--@include put_delayed
--@include mark_delay
--@include add
local job, prefix = read_job()
local q = {
  prefix = prefix, marker = KEYS[1], meta = KEYS[2], id = KEYS[3], delayed = KEYS[4],
  events = KEYS[6],
}

local answer = admit(q, job)
if answer then return answer end

q.max_events = max_events(q.meta, redis.call('HGET', q.meta, 'opts.maxLenEvents'))
put_delayed(q, job.id, job.timestamp, job.delay)
mark_delay(q)
return job.id
