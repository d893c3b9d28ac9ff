-- promote: a delayed job need not wait until it is due.
--
-- KEYS  1 delayed  2 wait  3 paused  4 meta  5 prioritized  6 active  7 pc  8 events  9 marker
-- ARGV  1 the queue's key prefix  2 id
-- gives 0 | -3 not delayed
-- emits waiting
--@include settings
--@include promote_job
--@include mark_base
local q = {
  prefix = ARGV[1], delayed = KEYS[1], wait = KEYS[2], paused = KEYS[3], meta = KEYS[4],
  prioritized = KEYS[5], active = KEYS[6], pc = KEYS[7], events = KEYS[8], marker = KEYS[9],
}
local id = ARGV[2]

if redis.call('ZREM', q.delayed, id) == 0 then return -3 end
read_settings(q)
if not promote_job(q, id) then return -3 end
mark_base(q)
return 0
