-- reclaim: find the job that a fetch has taken whose answer was lost. (Ours; BullMQ has no
-- such command.)
--
-- KEYS  1 active
-- ARGV  1 the queue's key prefix
--       2 the token the job was to be locked with
-- gives {hash, id, 0, 0} | {0, 0, 0, 0}
-- emits nothing
local active, prefix, token = KEYS[1], ARGV[1], ARGV[2]

-- The latest come first. More than 1000 are not looked at: the stalled check finds the rest.
for _, id in ipairs(redis.call('LRANGE', active, 0, 999)) do
  local key = prefix .. id
  if redis.call('GET', key .. ':lock') == token then
    local hash = redis.call('HGETALL', key)
    if #hash > 0 then return {hash, id, 0, 0} end
  end
end
return {0, 0, 0, 0}
