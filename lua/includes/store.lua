-- store: write a new job's hash, join it to its parent, and say so.
--@include add_field

-- `job` has: id, key, name, data and opts_json (text), opts (table), timestamp, delay,
-- priority; where it has them: parent_key, parent_json, parent_pending, scheduler_id,
-- dedup_id.
local function store_job(q, job)
  local hash = {'name', job.name, 'data', job.data, 'opts', job.opts_json,
    'timestamp', job.timestamp, 'delay', job.delay, 'priority', job.priority}
  add_field(hash, 'parentKey', job.parent_key)
  add_field(hash, 'parent', job.parent_json)
  add_field(hash, 'rjk', job.scheduler_id)
  add_field(hash, 'deid', job.dedup_id)
  redis.call('HSET', job.key, unpack(hash))
  if job.parent_pending then redis.call('SADD', job.parent_pending, job.key) end
  redis.call('XADD', q.events, '*', 'event', 'added', 'jobId', job.id, 'name', job.name)
end
