-- remove_job: remove jobs with their children, wherever they are.
--@include settings
--@include limit_events
--@include emit
--@include queue_of
--@include take_out
--@include detach_child
--@include delete_job
--@include drop_dedup

-- A job's children: those it waits for, and if `all` those that ended too.
local function children_of(key, all)
  local pending = redis.call('SMEMBERS', key .. ':dependencies')
  if not all then return pending end
  local children = redis.call('HKEYS', key .. ':processed')
  local function add(keys)
    for _, child_key in ipairs(keys) do children[#children + 1] = child_key end
  end
  add(pending)
  add(redis.call('HKEYS', key .. ':failed'))
  add(redis.call('ZRANGE', key .. ':unsuccessful', 0, -1))
  return children
end

-- `how` is {children?, ended? (children that ended too), unlocked? (leave those that run)};
-- `seen` keeps a circle of odd data from being walked for ever.
local function remove_job(q, id, how, seen)
  local key = q.prefix .. id
  if seen[key] or how.unlocked and redis.call('EXISTS', key .. ':lock') == 1 then return end
  seen[key] = true
  local existed = redis.call('EXISTS', key) == 1
  local parent_key, dedup_id = unpack(redis.call('HMGET', key, 'parentKey', 'deid'))
  if parent_key then detach_child(parent_key, key) end
  for _, child_key in ipairs(how.children and children_of(key, how.ended) or {}) do
    local child_q, child_id = queue_of(child_key)
    if child_q then remove_job(child_q, child_id, how, seen) end
  end

  local state = take_out(q, id)
  if dedup_id then drop_dedup(q.prefix, dedup_id, id) end
  delete_job(key)
  if existed then
    limit_events(q, read_settings(q))
    emit(q, 'removed', 'jobId', id, 'prev', state)
  end
end
