-- forget: jobs that were taken out of where they were go without an event, in bulk.
--@include queue_of
--@include detach_child
--@include delete_job
--@include drop_dedup

-- A parent in this queue that waited for the job alone goes with it; one elsewhere is let run.
local function forget_job(prefix, id)
  local key = prefix .. id
  local parent_key, dedup_id = unpack(redis.call('HMGET', key, 'parentKey', 'deid'))
  if dedup_id then drop_dedup(prefix, dedup_id, id) end
  delete_job(key)
  if not parent_key then return end
  local q, parent_id = queue_of(parent_key)
  if not q or q.prefix ~= prefix then
    detach_child(parent_key, key)
    return
  end
  local pending = parent_key .. ':dependencies'
  if redis.call('SREM', pending, key) == 1 and redis.call('EXISTS', pending) == 0
    and redis.call('ZREM', q.waiting_children, parent_id) == 1 then
    forget_job(prefix, parent_id)
  end
end
