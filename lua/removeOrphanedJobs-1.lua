-- removeOrphanedJobs: remove jobs that are in no state.
--
-- KEYS  1 the queue's key prefix
-- ARGV  how many states, those; how many keys a job has beside its hash, what is behind its id
--       in those; ids of jobs to look at
-- gives how many were removed
-- emits nothing
--@include whole
local prefix, at = KEYS[1], 1

local function read_list(count)
  local list = {}
  for i = 1, math.min(count, #ARGV - at + 1) do list[i] = ARGV[at + i - 1] end
  at = at + #list
  return list
end

local function read_counted()
  at = at + 1
  return read_list(whole(ARGV[at - 1]) or 0)
end

local ask = {list = 'LPOS', zset = 'ZSCORE', set = 'SISMEMBER'}

local function is_in(state, id)
  local key = prefix .. state
  local command = ask[redis.call('TYPE', key).ok]
  local found = command and redis.call(command, key, id)
  return found and (command ~= 'SISMEMBER' or found == 1)
end

local function is_orphan(states, id)
  local kind = redis.call('TYPE', prefix .. id).ok
  if id == 'meta' or kind ~= 'hash' and kind ~= 'none' then return false end
  for _, state in ipairs(states) do
    if is_in(state, id) then return false end
  end
  return true
end

local states, suffixes = read_counted(), read_counted()
local removed = 0
for _, id in ipairs(read_list(#ARGV)) do
  if is_orphan(states, id) then
    local gone = redis.call('DEL', prefix .. id)
    for _, suffix in ipairs(suffixes) do
      gone = gone + redis.call('DEL', prefix .. id .. ':' .. suffix)
    end
    if gone > 0 then removed = removed + 1 end
  end
end
return removed
