-- report_child: what a child's end means for the job that waits for it. It means nothing for
-- a parent that does not wait for this child.
--@include decode_object
--@include release_parent

local function report_completed(parent_key, child_key, value, now)
  if redis.call('SREM', parent_key .. ':dependencies', child_key) == 0 then return end
  redis.call('HSET', parent_key .. ':processed', child_key, value)
  release_childless_parent(parent_key, now)
end

-- The flag in the child's `parent` decides; without one the parent goes on waiting.
local function report_failed(parent_key, parent_json, child_key, reason, now)
  -- A parent that must fail waits no longer, neither for children nor for a retry: the worker
  -- that fetches it sees `defa`, fails it instead, and so tells the parent's parent.
  local function fail_parent()
    local q, id = queue_of(parent_key)
    if not q or redis.call('EXISTS', parent_key) == 0 then return end
    local defa = 'child ' .. child_key .. ' failed'
    redis.call('ZADD', parent_key .. ':unsuccessful', now, child_key)
    if redis.call('ZREM', q.waiting_children, id) == 1 then
      redis.call('HSET', parent_key, 'defa', defa)
      release_parent(q, parent_key, id, now, 'waiting-children')
    elseif redis.call('ZREM', q.delayed, id) == 1 then
      redis.call('HSET', parent_key, 'defa', defa, 'delay', 0)
      release_parent(q, parent_key, id, now, 'delayed')
    elseif not redis.call('ZSCORE', q.failed, id) then
      redis.call('HSET', parent_key, 'defa', defa)
    end
  end

  local flags = decode_object(parent_json)
  local fail, go_on = flags.fpof == true, flags.cpof == true
  local ignore, drop = flags.idof == true, flags.rdof == true
  if not (fail or go_on or ignore or drop) then return end
  if redis.call('SREM', parent_key .. ':dependencies', child_key) == 0 then return end

  if fail then
    fail_parent()
    return
  end
  if go_on or ignore then
    redis.call('HSET', parent_key .. ':failed', child_key, reason)
  end
  if go_on then
    release_waiting_parent(parent_key, now)
  else
    release_childless_parent(parent_key, now)
  end
end
