-- retryJob: a run failed, and the job may try again at once.
--
-- KEYS  1 active  2 wait  3 paused  4 the job's hash  5 meta  6 events  7 delayed
--       8 prioritized  9 pc  10 marker  11 stalled
-- ARGV  1 the queue's key prefix  2 now, ms  3 LPUSH (back) or RPUSH (front)  4 id  5 token
--       6 packed fields for the hash, or empty
-- gives 0 | -1 no job | -2 no lock | -3 not active | -6 another's lock
-- emits waiting
--@include settings
--@include max_events
--@include enqueue
--@include promote
--@include leave_active
local q = {
  prefix = ARGV[1], active = KEYS[1], wait = KEYS[2], paused = KEYS[3], meta = KEYS[5],
  events = KEYS[6], delayed = KEYS[7], prioritized = KEYS[8], pc = KEYS[9], marker = KEYS[10],
  stalled = KEYS[11],
}
local job_key, now, id, token = KEYS[4], ARGV[2], ARGV[4], ARGV[5]
local push = ARGV[3] == 'RPUSH' and 'RPUSH' or 'LPUSH'

local max_len = read_settings(q)
promote_due(q, now)

local priority = redis.call('HGET', job_key, 'priority')
if not priority and redis.call('EXISTS', job_key) == 0 then return -1 end
local refused = leave_active(q, job_key, id, token, ARGV[6])
if refused then return refused end

redis.pcall('HINCRBY', job_key, 'atm', '1')
q.max_events = max_events(q.meta, max_len)
enqueue(q, id, tonumber(priority) or 0, push, 'active')
return 0
