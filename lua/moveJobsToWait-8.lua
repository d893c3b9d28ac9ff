-- moveJobsToWait: let many jobs wait for their turn, without asking their priorities.
--
-- KEYS  1 the queue's key prefix  2 events  3 the state's set  4 wait  5 paused  6 meta
--       7 active  8 marker
-- ARGV  1 how many at most  2 the highest score to take  3 failed, completed or delayed
-- gives 1 there may be more, call again | 0
-- emits waiting for each
--@include settings
--@include whole
--@include reopen
--@include put_waiting
--@include mark_base
--@include trim_events
local q = {
  prefix = KEYS[1], events = KEYS[2], source = KEYS[3], wait = KEYS[4], paused = KEYS[5],
  meta = KEYS[6], active = KEYS[7], marker = KEYS[8],
}
local count, state = whole(ARGV[1]) or 1000, ARGV[3]
local highest = tonumber(ARGV[2]) and ARGV[2] or '+inf'

local ids = redis.call('ZRANGEBYSCORE', q.source, '-inf', highest, 'LIMIT', 0, count)
if #ids == 0 then return 0 end
local max_len = read_settings(q)
for _, id in ipairs(ids) do
  local key = q.prefix .. id
  redis.call('ZREM', q.source, id)
  if redis.call('EXISTS', key) == 1 then
    if state ~= 'delayed' then reopen_job(key, state, redis.call('HGET', key, 'parentKey')) end
    put_waiting(q, id, 0, 'LPUSH')
    redis.call('XADD', q.events, '*', 'event', 'waiting', 'jobId', id, 'prev', state)
  end
end
mark_base(q)
trim_events(q, max_len)
return #ids == count and 1 or 0
