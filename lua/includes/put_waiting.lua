-- put_waiting: into one of the two places where a job waits for its turn.

-- Where waiting jobs belong. A BullMQ 5 pause keeps them in `paused`, a newer one leaves
-- them in `wait`: following the list that exists keeps the other one empty, and no resume
-- can overwrite it.
local function wait_list(q, settings)
  if not settings.paused then return q.wait end
  if redis.call('EXISTS', q.paused) == 1 then return q.paused end
  if redis.call('EXISTS', q.wait) == 1 then return q.wait end
  local version = redis.call('HGET', q.meta, 'version') or ''
  return string.find(version, '^bullmq:5%.') and q.paused or q.wait
end

-- Wait by priority, first in first out within one; without a priority at the back
-- ('LPUSH') or the front ('RPUSH') of the list.
local function put_waiting(q, settings, id, priority, push)
  if priority > 0 then
    local order = redis.pcall('INCR', q.pc)
    if type(order) ~= 'number' then -- it cannot count any more
      redis.call('SET', q.pc, 1)
      order = 1
    end
    redis.call('ZADD', q.prioritized, priority * 0x100000000 + order % 0x100000000, id)
  else
    redis.call(push, wait_list(q, settings), id)
  end
end
