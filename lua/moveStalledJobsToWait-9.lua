-- moveStalledJobsToWait: give the jobs of dead workers to living ones. A job that was active
-- at one check and has no lock at a later one is stalled. One worker an interval does this.
--
-- KEYS  1 stalled  2 wait  3 active  4 stalled-check  5 meta  6 paused  7 marker  8 events
--       9 repeat
-- ARGV  1 how often a job may stall  2 the queue's key prefix  3 now, ms  4 interval, ms
-- gives the ids of the jobs recovered
-- emits waiting and stalled for each
if redis.call('EXISTS', KEYS[4]) == 1 then return {} end

--@include settings
--@include trim_events
--@include enqueue
local q = {
  prefix = ARGV[2], stalled = KEYS[1], wait = KEYS[2], active = KEYS[3], check = KEYS[4],
  meta = KEYS[5], paused = KEYS[6], marker = KEYS[7], events = KEYS[8], schedulers = KEYS[9],
}
local max_stalled, now = tonumber(ARGV[1]) or 1, ARGV[3]
local interval = math.max(math.floor(tonumber(ARGV[4]) or 30000), 1)

-- Move a stalled job to the front. True when it was recovered; a job that was removed while
-- it ran is only taken out of `active`.
local function recover(id)
  if redis.call('EXISTS', q.prefix .. id .. ':lock') == 1 then return false end
  if redis.call('LREM', q.active, -1, id) == 0 then return false end
  local key = q.prefix .. id
  if redis.call('EXISTS', key) == 0 then return false end

  local stalled, scheduler = unpack(redis.call('HMGET', key, 'stc', 'rjk'))
  stalled = (tonumber(stalled) or 0) + 1
  redis.call('HSET', key, 'stc', stalled)
  if stalled > max_stalled
    and not (scheduler and redis.call('ZSCORE', q.schedulers, scheduler)) then
    redis.call('HSET', key, 'defa', 'job stalled more than allowable limit')
  end
  enqueue(q, id, 0, 'RPUSH', 'active')
  redis.call('XADD', q.events, '*', 'event', 'stalled', 'jobId', id)
  return true
end

local max_len, suspects, recovered = read_settings(q), redis.call('SMEMBERS', q.stalled), {}
redis.call('DEL', q.stalled) -- first, so that a full Redis refuses none of what follows
redis.call('SET', q.check, now, 'PX', interval)
trim_events(q, max_len)
for _, id in ipairs(suspects) do
  if recover(id) then recovered[#recovered + 1] = id end
end

local running = redis.call('LRANGE', q.active, 0, -1)
for i = 1, #running, 1000 do
  redis.call('SADD', q.stalled, unpack(running, i, math.min(i + 999, #running)))
end
return recovered
