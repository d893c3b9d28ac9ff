-- put_waiting: into one of the two places where a job waits for its turn: by priority, first in
-- first out within one; without a priority at the back ('LPUSH') or the front ('RPUSH') of the
-- list.
local function put_waiting(q, id, priority, push)
  if priority > 0 then
    local order = redis.pcall('INCR', q.pc)
    if type(order) ~= 'number' then -- it cannot count any more
      redis.call('SET', q.pc, '1')
      order = 1
    end
    redis.call('ZADD', q.prioritized, priority * 0x100000000 + order % 0x100000000, id)
  elseif q.is_paused then
    --@include wait_list
    redis.call(push, wait_list(q), id)
  else
    redis.call(push, q.wait, id)
  end
end
