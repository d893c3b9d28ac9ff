-- getRanges: the ids of jobs by state.
--
-- KEYS  1 the queue's key prefix
-- ARGV  1 first  2 last  3 1: oldest first  4... states, as their keys are called
-- gives a list of ids for each state; those of lists always come newest first, only the end
--       they are counted from is the other one. Jobs that a BullMQ 5 pause put aside are
--       waiting, unless `paused` is asked for too.
-- emits nothing
--@include ranges
local prefix, ascending = KEYS[1], ARGV[3] == '1'
local first, last = tonumber(ARGV[1]) or 0, tonumber(ARGV[2]) or -1

local ranges = {}
for i = 4, #ARGV do
  local state = ARGV[i]
  ranges[i - 3] = range_ids(state_keys(prefix, state, 4), state, first, last, ascending)
end
return ranges
