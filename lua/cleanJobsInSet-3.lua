-- cleanJobsInSet: remove the old jobs of a state.
--
-- KEYS  1 the state's list or set  2 events  3 repeat
-- ARGV  1 the queue's key prefix
--       2 ms: jobs of that time or before go
--       3 how many to look at, 0 for all
--       4 wait, active, paused, delayed, prioritized, completed or failed
-- gives the ids of the jobs removed. Jobs that a BullMQ 5 pause put aside are waiting too.
-- emits cleaned
--@include is_scheduled
--@include sift
--@include forget
--@include whole
local source, events, schedulers = KEYS[1], KEYS[2], KEYS[3]
local prefix, before, limit, state = ARGV[1], tonumber(ARGV[2]) or 0, whole(ARGV[3]) or 0, ARGV[4]

-- A job's time is the first of these that it has; without any it is old. Jobs that ended go by
-- their score alone, even what its scheduler still takes for its next run.
local times = {
  wait = {'finishedOn', 'processedOn', 'timestamp'}, delayed = {'processedOn', 'timestamp'},
  prioritized = {'timestamp'},
}
times.active, times.paused = times.wait, times.wait

local function stays(id)
  if not times[state] then return false end
  if is_scheduled(schedulers, id) then return true end
  local key = prefix .. id
  if state == 'active' and redis.call('EXISTS', key .. ':lock') == 1 then return true end
  for _, time in ipairs(redis.call('HMGET', key, unpack(times[state]))) do
    if time then return (tonumber(time) or 0) > before end
  end
  return false
end

local function clean_waiting()
  local paused = prefix .. 'paused'
  local looked = limit > 0 and math.min(limit, redis.call('LLEN', paused)) or 0
  local gone = sift_list(paused, limit, stays)
  if limit > 0 and looked == limit then return gone end
  for _, id in ipairs(sift_list(source, limit - looked, stays)) do gone[#gone + 1] = id end
  return gone
end

local function clean()
  if state == 'wait' then return clean_waiting() end
  if state == 'active' or state == 'paused' then return sift_list(source, limit, stays) end
  local ids
  if times[state] then
    ids = redis.call('ZRANGE', source, 0, limit - 1)
  else
    ids = redis.call('ZRANGEBYSCORE', source, '-inf', before, 'LIMIT', 0,
      limit > 0 and limit or -1)
  end
  return sift_set(source, ids, stays)
end

local gone = clean()
for _, id in ipairs(gone) do forget_job(prefix, id) end
redis.call('XADD', events, '*', 'event', 'cleaned', 'count', #gone)
return gone
