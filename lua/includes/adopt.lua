-- adopt: a known job gets the parent that asks for it. False when it has another, living one.
local function adopt(q, job, free_parent)
  local parent_key = job.parent_key
  local old = redis.call('HGET', job.key, 'parentKey')
  if old and old ~= parent_key and redis.call('EXISTS', old) == 1 then return false end
  redis.call('HSET', job.key, 'parentKey', parent_key, 'parent', job.parent_json)
  if redis.call('ZSCORE', q.prefix .. 'completed', job.id) then
    local value = redis.call('HGET', job.key, 'returnvalue') or 'null'
    redis.call('HSET', parent_key .. ':processed', job.key, value)
    if not job.parent_stays then free_parent(parent_key) end
  elseif job.parent_pending then
    redis.call('SADD', job.parent_pending, job.key)
  end
  return true
end
