-- addParentJob: add a job that waits for children, which are added after it.
--
-- KEYS  1 meta  2 id  3 delayed  4 waiting-children  5 completed  6 events
-- ARGV  1 packed add arguments  2 data, JSON  3 packed options (see includes/add.lua)
-- gives the job's id, or that of the job that stands for it | -5 no parent | -7 other parent
-- emits added, waiting-children | duplicated | deduplicated
--@include add
local job, prefix = read_job()
local q = {
  prefix = prefix, meta = KEYS[1], id = KEYS[2], waiting_children = KEYS[4], events = KEYS[6],
}
job.is_parent = true

local answer = admit(q, job)
if answer then return answer end

q.max_events = max_events(q.meta, redis.call('HGET', q.meta, 'opts.maxLenEvents'))
redis.call('ZADD', q.waiting_children, job.timestamp, job.id)
emit(q, 'waiting-children', 'jobId', job.id)
return job.id
