-- find_another: the id of the job that stands for one that was to be added, or an error; nil when
-- there is none.
local function find_another(q, job, known)
  --@include enqueue
  --@include queue_of
  --@include dedup

  -- A known id: nothing is stored, but the job may get the parent that asks for it.
  local function adopt()
    --@include release_parent
    local parent_key = job.parent_key
    local old = redis.call('HGET', job.key, 'parentKey')
    if old and old ~= parent_key and redis.call('EXISTS', old) == 1 then return -7 end
    redis.call('HSET', job.key, 'parentKey', parent_key, 'parent', job.parent_json)
    if redis.call('ZSCORE', q.prefix .. 'completed', job.id) then
      local value = redis.call('HGET', job.key, 'returnvalue') or 'null'
      redis.call('HSET', parent_key .. ':processed', job.key, value)
      if not job.parent_stays then release_childless_parent(parent_key, job.timestamp) end
    elseif job.parent_pending then
      redis.call('SADD', job.parent_pending, job.key)
    end
    return nil
  end

  if not known then return deduplicate(q, job) end
  local refused = job.parent_key and adopt()
  if refused then return refused end
  emit(q, 'duplicated', 'jobId', job.id)
  return job.id
end
