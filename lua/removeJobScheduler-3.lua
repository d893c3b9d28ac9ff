-- removeJobScheduler: remove a scheduler, and its next job while that is delayed.
--
-- KEYS  1 repeat  2 delayed  3 events
-- ARGV  1 scheduler id  2 the queue's key prefix
-- gives 0 | 1 no such scheduler
-- emits removed
--@include drop_scheduled
local schedulers, delayed, events = KEYS[1], KEYS[2], KEYS[3]
local scheduler_id, prefix = ARGV[1], ARGV[2]

local next_ms = redis.call('ZSCORE', schedulers, scheduler_id)
if not next_ms then return 1 end
redis.call('ZREM', schedulers, scheduler_id)
redis.call('DEL', schedulers .. ':' .. scheduler_id)

local id = 'repeat:' .. scheduler_id .. ':' .. next_ms
if redis.call('ZREM', delayed, id) == 1 then
  drop_scheduled(prefix, id)
  redis.call('XADD', events, '*', 'event', 'removed', 'jobId', id, 'prev', 'delayed')
end
return 0
