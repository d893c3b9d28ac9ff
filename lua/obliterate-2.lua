-- obliterate: remove a paused queue, some jobs a call. Parents that still wait for children of
-- other queues stay.
--
-- KEYS  1 meta  2 the queue's key prefix
-- ARGV  1 how many jobs to remove at most  2 force, or empty: also if jobs run
-- gives 1 call again | 0 | -1 not paused | -2 jobs run
-- emits nothing; in the queue of a parent that waited for such a job alone waiting
--@include sift
--@include forget
--@include whole
local meta, prefix = KEYS[1], KEYS[2]
local budget, force = math.max(whole(ARGV[1]) or 1000, 1), ARGV[2] == 'force'

local function nothing_stays() return false end

local function take(state, is_list)
  local key = prefix .. state
  if is_list then return sift_list(key, budget, nothing_stays) end
  return sift_set(key, redis.call('ZRANGE', key, 0, budget - 1), nothing_stays)
end

-- False when the budget is used up.
local function clear(state, is_list, remove)
  local ids = take(state, is_list)
  for _, id in ipairs(ids) do remove(prefix, id) end
  budget = budget - #ids
  return budget > 0
end

local function forget_running(_, id)
  redis.call('DEL', prefix .. id .. ':lock')
  forget_job(prefix, id)
end

local function forget_scheduler(_, id) redis.call('DEL', prefix .. 'repeat:' .. id) end

if redis.call('HEXISTS', meta, 'paused') == 0 then return -1 end
if not force and redis.call('EXISTS', prefix .. 'active') == 1 then return -2 end

local done = clear('active', true, forget_running) and clear('delayed', false, forget_job)
  and clear('repeat', false, forget_scheduler) and clear('completed', false, forget_job)
  and clear('wait', true, forget_job) and clear('paused', true, forget_job)
  and clear('prioritized', false, forget_job) and clear('failed', false, forget_job)
if not done then return 1 end

for _, suffix in ipairs({'events', 'id', 'pc', 'marker', 'meta', 'stalled', 'stalled-check',
  'metrics:completed', 'metrics:completed:data', 'metrics:failed', 'metrics:failed:data'}) do
  redis.call('DEL', prefix .. suffix)
end
return 0
