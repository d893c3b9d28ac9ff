-- addPrioritizedJob: add a job with a priority: 1 is taken first, larger is later.
--
-- KEYS  1 marker  2 meta  3 id  4 prioritized  5 delayed  6 completed  7 active  8 events
--       9 pc
-- ARGV  1 packed add arguments  2 data, JSON  3 packed options (see includes/add.lua)
-- gives the job's id, or that of the job that stands for it | -5 no parent | -7 other parent
-- emits added, waiting | duplicated | deduplicated, removed
--@include enqueue
--@include add
local job = read_job()
local q = {
  prefix = job.prefix, marker = KEYS[1], meta = KEYS[2], id = KEYS[3], prioritized = KEYS[4],
  delayed = KEYS[5], completed = KEYS[6], active = KEYS[7], events = KEYS[8], pc = KEYS[9],
  wait = job.prefix .. 'wait', paused = job.prefix .. 'paused',
}

local answer, settings = admit(q, job)
if answer then return answer end

enqueue(q, settings, job.id, job.priority, 'LPUSH')
return job.id
