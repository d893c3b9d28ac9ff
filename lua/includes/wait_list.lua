-- wait_list: where waiting jobs belong while the queue is paused. A BullMQ 5 pause keeps them in
-- `paused`, a newer one leaves them in `wait`: following the list that exists keeps the other one
-- empty, and no resume can overwrite it.
local function wait_list(q)
  local paused = q.paused or q.prefix .. 'paused'
  if redis.call('EXISTS', paused) == 1 then return paused end
  if redis.call('EXISTS', q.wait) == 1 then return q.wait end
  local version = redis.call('HGET', q.meta, 'version') or ''
  return string.find(version, '^bullmq:5%.') and paused or q.wait
end
