-- changePriority: a job has another priority; one that waits for its turn has another place.
--
-- KEYS  1 wait  2 paused  3 meta  4 prioritized  5 active  6 pc  7 marker
-- ARGV  1 priority  2 the queue's key prefix  3 id
--       4 1: before the others, of its priority or without one
-- gives 0 | -1 no job
-- emits nothing
--@include settings
--@include put_waiting
--@include mark_base
local q = {
  prefix = ARGV[2], wait = KEYS[1], paused = KEYS[2], meta = KEYS[3], prioritized = KEYS[4],
  active = KEYS[5], pc = KEYS[6], marker = KEYS[7],
}
local priority, id, lifo = tonumber(ARGV[1]) or 0, ARGV[3], ARGV[4] == '1'
local job_key = q.prefix .. id

if redis.call('EXISTS', job_key) == 0 then return -1 end
if redis.call('ZREM', q.prioritized, id) == 1 or redis.call('LREM', q.wait, -1, id) == 1
  or redis.call('LREM', q.paused, -1, id) == 1 then
  read_settings(q)
  if lifo and priority > 0 then
    redis.call('ZADD', q.prioritized, priority * 0x100000000, id)
  else
    put_waiting(q, id, priority, lifo and 'RPUSH' or 'LPUSH')
    mark_base(q)
  end
end
redis.call('HSET', job_key, 'priority', priority)
return 0
