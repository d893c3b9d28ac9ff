-- remove_job: remove jobs with their children, wherever they are.
--@include max_events
--@include children_of
--@include split_key
--@include take_out
--@include delete_job

-- `how` is {children?, ended? (children that ended too), unlocked? (leave those that run)};
-- `seen` keeps a circle of odd data from being walked for ever.
local function remove_job(prefix, id, how, seen)
  local key = prefix .. id
  if seen[key] or how.unlocked and redis.call('EXISTS', key .. ':lock') == 1 then return end
  seen[key] = true
  local name, parent_key, dedup_id =
    unpack(redis.call('HMGET', key, 'name', 'parentKey', 'deid'))
  local existed = name or redis.call('EXISTS', key) == 1
  if parent_key then
    --@include detach_child
    detach_child(parent_key, key)
  end
  for _, child_key in ipairs(how.children and children_of(key, how.ended) or {}) do
    local child_prefix, child_id = split_key(child_key)
    if child_prefix then remove_job(child_prefix, child_id, how, seen) end
  end

  local state = take_out(prefix, id)
  if dedup_id then
    --@include drop_dedup
    drop_dedup(prefix, dedup_id, id)
  end
  delete_job(key)
  if existed then
    local meta = prefix .. 'meta'
    local limit = max_events(meta, redis.call('HGET', meta, 'opts.maxLenEvents'))
    redis.call('XADD', prefix .. 'events', 'MAXLEN', '~', limit, '*', 'event', 'removed',
      'jobId', id, 'prev', state)
  end
end
