-- addStandardJob: add a job without delay or priority.
--
-- KEYS  1 wait  2 paused  3 meta  4 id  5 completed  6 delayed  7 active  8 events  9 marker
-- ARGV  1 packed add arguments  2 data, JSON  3 packed options (see includes/add.lua)
-- gives the job's id, or that of the job that stands for it | -5 no parent | -7 other parent
-- emits added, waiting | duplicated | deduplicated, removed
--@include settings
--@include enqueue
--@include add
local job, prefix = read_job()
local q = {
  prefix = prefix, wait = KEYS[1], meta = KEYS[3], id = KEYS[4], events = KEYS[8],
  marker = KEYS[9],
}

local answer = admit(q, job)
if answer then return answer end

q.max_events = max_events(q.meta, read_settings(q))
enqueue(q, job.id, 0, job.lifo and 'RPUSH' or 'LPUSH')
return job.id
