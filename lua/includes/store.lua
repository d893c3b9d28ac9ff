-- store: write a new job's hash, join it to its parent, and say so.

-- `job` has: id, key, name, data and opts_json (text), timestamp, delay, priority; where it has
-- them: lifo, parent_key, parent_json, parent_pending, scheduler_id, dedup_id.
local function store_job(q, job)
  -- Most are 0, and Redis is handed text at less cost than a number.
  local delay = job.delay ~= 0 and job.delay or '0'
  local priority = job.priority ~= 0 and job.priority or '0'
  local hash, n = {'name', job.name, 'data', job.data, 'opts', job.opts_json,
    'timestamp', job.timestamp, 'delay', delay, 'priority', priority}, 12
  if job.parent_key then
    hash[13], hash[14], hash[15], hash[16] = 'parentKey', job.parent_key, 'parent', job.parent_json
    n = 16
  end
  if job.scheduler_id then
    hash[n + 1], hash[n + 2] = 'rjk', job.scheduler_id
    n = n + 2
  end
  if job.dedup_id then hash[n + 1], hash[n + 2] = 'deid', job.dedup_id end
  redis.call('HSET', job.key, unpack(hash))
  if job.parent_pending then redis.call('SADD', job.parent_pending, job.key) end
  redis.call('XADD', q.events, '*', 'event', 'added', 'jobId', job.id, 'name', job.name)
end
