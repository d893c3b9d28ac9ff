-- reprocessJob: a job that ended runs once more, by its priority.
--
-- KEYS  1 the job's hash  2 events  3 completed or failed  4 wait  5 meta  6 paused  7 active
--       8 marker
-- ARGV  1 id  2 LPUSH (back) or RPUSH (front)  3 its value's field (known from 4)
--       4 failed or completed  5 1: forget attempts made  6 1: forget attempts started
-- gives 1 | -1 no job | -3 not ended that way
-- emits waiting
--@include settings
--@include max_events
--@include reopen
--@include enqueue
local q = {
  events = KEYS[2], wait = KEYS[4], meta = KEYS[5], paused = KEYS[6], active = KEYS[7],
  marker = KEYS[8],
}
local job_key, finished, id, state = KEYS[1], KEYS[3], ARGV[1], ARGV[4]
local push = ARGV[2] == 'RPUSH' and 'RPUSH' or 'LPUSH'

local name, parent_key, priority =
  unpack(redis.call('HMGET', job_key, 'name', 'parentKey', 'priority'))
if not name and redis.call('EXISTS', job_key) == 0 then return -1 end
if redis.call('ZREM', finished, id) == 0 then return -3 end
reopen_job(job_key, state, parent_key)
if ARGV[5] == '1' then redis.call('HDEL', job_key, 'atm') end
if ARGV[6] == '1' then redis.call('HDEL', job_key, 'ats') end
priority = tonumber(priority) or 0
if priority > 0 then
  local prefix = string.sub(q.wait, 1, -#'wait' - 1)
  q.prioritized, q.pc = prefix .. 'prioritized', prefix .. 'pc'
end
q.max_events = max_events(q.meta, read_settings(q))
enqueue(q, id, priority, push, state)
return 1
