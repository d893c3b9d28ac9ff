-- release_parent: a job whose children are done waits for its turn, maybe in another queue.
--@include settings
--@include enqueue
--@include mark_delay
--@include queue_of

-- Let the parent run: by its priority, after its delay. It has left the set it waited in.
local function release_parent(q, key, id, now, prev)
  local priority, delay = unpack(redis.call('HMGET', key, 'priority', 'delay'))
  if not priority and redis.call('EXISTS', key) == 0 then return end
  delay = tonumber(delay) or 0
  if delay > 0 then
    local due = now + delay
    redis.call('ZADD', q.delayed, due * 4096, id)
    redis.call('XADD', q.events, '*', 'event', 'delayed', 'jobId', id, 'delay', due)
    mark_delay(q)
  else
    read_settings(q)
    enqueue(q, id, tonumber(priority) or 0, 'RPUSH', prev)
  end
end

local function release_waiting_parent(parent_key, now)
  local q, id = queue_of(parent_key)
  if q and redis.call('ZREM', q.waiting_children, id) == 1 then
    release_parent(q, parent_key, id, now, 'waiting-children')
  end
end

local function release_childless_parent(parent_key, now)
  if redis.call('EXISTS', parent_key .. ':dependencies') == 0 then
    release_waiting_parent(parent_key, now)
  end
end
