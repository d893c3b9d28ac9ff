-- keep_duplicate: the job that won is running: remember the latest duplicate in its place.
local function keep_duplicate(q, job)
  local key = q.prefix .. 'dn:' .. job.dedup_id
  redis.call('DEL', key)
  redis.call('HSET', key, 'name', job.name, 'data', job.data, 'opts', job.opts_json, 'jid', job.id)
  if job.parent_key then
    redis.call('HSET', key, 'pk', job.parent_key, 'pd', job.parent_json)
  end
  if job.parent_pending then redis.call('HSET', key, 'pdk', job.parent_pending) end
  if job.scheduler_id then redis.call('HSET', key, 'rjk', job.scheduler_id) end
  redis.call('PERSIST', job.dedup_key)
end
