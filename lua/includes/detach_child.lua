-- detach_child: a child is being removed. A parent that waited for it alone is next in its
-- queue, whatever its priority or delay. True when the parent waited for the child.
--@include settings
--@include enqueue
--@include queue_of
local function detach_child(parent_key, child_key)
  local pending = parent_key .. ':dependencies'
  if redis.call('SREM', pending, child_key) == 0 then return false end
  if redis.call('EXISTS', pending) == 1 then return true end
  local q, id = queue_of(parent_key)
  if q and redis.call('ZREM', q.waiting_children, id) == 1
    and redis.call('EXISTS', parent_key) == 1 then
    read_settings(q)
    enqueue(q, id, 0, 'RPUSH', 'waiting-children')
  end
  return true
end
