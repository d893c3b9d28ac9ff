-- getCounts: how many jobs are in each state.
--
-- KEYS  1 the queue's key prefix
-- ARGV  states, as their keys are called: wait, active, delayed, ...
-- gives a list of numbers. Jobs that a BullMQ 5 pause put aside count as waiting, unless
--       `paused` is asked for too.
-- emits nothing
--@include states
local prefix = KEYS[1]

local counts = {}
for i, state in ipairs(ARGV) do
  counts[i] = 0
  for _, key in ipairs(state_keys(prefix, state, 1)) do
    counts[i] = counts[i] + redis.call(is_list[state] and 'LLEN' or 'ZCARD', key)
  end
end
return counts
