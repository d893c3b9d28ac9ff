-- getJobs: whole jobs by state.
--
-- KEYS  1 the queue's key prefix
-- ARGV  1 first  2 last  3 1: oldest first
--       4 how often at most to look for others in place of jobs that are gone
--       5... states, as their keys are called
-- gives for each state a list of {id, hash as a flat array}. Jobs that a BullMQ 5 pause put
--       aside are waiting, unless `paused` is asked for too.
-- emits nothing
--@include ranges
local prefix, ascending = KEYS[1], ARGV[3] == '1'
local first, last = tonumber(ARGV[1]) or 0, tonumber(ARGV[2]) or -1
local rounds = tonumber(ARGV[4]) or 5

local function add_jobs(jobs, ids, backwards)
  for i = 1, #ids do
    local id = ids[backwards and #ids + 1 - i or i]
    local hash = redis.call('HGETALL', prefix .. id)
    if #hash > 0 then jobs[#jobs + 1] = {id, hash} end
  end
end

local function jobs_in(state)
  local keys, jobs, backwards = state_keys(prefix, state, 5), {}, ascending and is_list[state]
  if first < 0 or last < 0 then
    add_jobs(jobs, range_ids(keys, state, first, last, ascending), backwards)
    return jobs
  end
  local from, to = first, last
  for _ = 1, rounds do
    local ids = range_ids(keys, state, from, to, ascending)
    add_jobs(jobs, ids, backwards)
    local missing = last - first + 1 - #jobs
    if #ids == 0 or missing <= 0 then break end
    from, to = to + 1, to + missing
  end
  return jobs
end

local answer = {}
for i = 5, #ARGV do answer[i - 4] = jobs_in(ARGV[i]) end
return answer
