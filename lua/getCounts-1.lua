-- getCounts: how many jobs are in each state.
--
-- KEYS  1 the queue's key prefix
-- ARGV  states, as their keys are called: wait, active, delayed, ...
-- gives a list of numbers. Jobs that a BullMQ 5 pause put aside count as waiting, unless
--       `paused` is asked for too.
-- emits nothing
local prefix = KEYS[1]

local counts, wait_at, paused_at = {}
for i, state in ipairs(ARGV) do
  if state == 'wait' then wait_at = i end
  if state == 'paused' then paused_at = i end
  local is_list = state == 'wait' or state == 'active' or state == 'paused'
  counts[i] = redis.call(is_list and 'LLEN' or 'ZCARD', prefix .. state)
end
if wait_at and not paused_at then
  counts[wait_at] = counts[wait_at] + redis.call('LLEN', prefix .. 'paused')
end
return counts
