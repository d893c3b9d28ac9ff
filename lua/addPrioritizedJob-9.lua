-- addPrioritizedJob: add a job with a priority: 1 is taken first, larger is later.
--
-- KEYS  1 marker  2 meta  3 id  4 prioritized  5 delayed  6 completed  7 active  8 events
--       9 pc
-- ARGV  1 packed add arguments  2 data, JSON  3 packed options (see includes/add.lua)
-- gives the job's id, or that of the job that stands for it | -5 no parent | -7 other parent
-- emits added, waiting | duplicated | deduplicated, removed
--@include settings
--@include enqueue
--@include add
local job, prefix = read_job()
local q = {
  prefix = prefix, marker = KEYS[1], meta = KEYS[2], id = KEYS[3], prioritized = KEYS[4],
  events = KEYS[8], pc = KEYS[9],
}
if job.priority <= 0 then q.wait = prefix .. 'wait' end

local answer = admit(q, job)
if answer then return answer end

q.max_events = max_events(q.meta, read_settings(q))
enqueue(q, job.id, job.priority, 'LPUSH')
return job.id
