-- getCountsPerPriority: how many jobs wait with each priority.
--
-- KEYS  1 wait  2 prioritized
-- ARGV  priorities; 0: those without one
-- gives a list of numbers
-- emits nothing
local wait, prioritized = KEYS[1], KEYS[2]
local paused = string.gsub(wait, 'wait$', 'paused')

local counts = {}
for i, argument in ipairs(ARGV) do
  local priority = tonumber(argument) or 0
  if priority == 0 then
    counts[i] = redis.call('LLEN', wait) + redis.call('LLEN', paused)
  else
    counts[i] = redis.call('ZCOUNT', prioritized, priority * 0x100000000,
      (priority + 1) * 0x100000000 - 1)
  end
end
return counts
