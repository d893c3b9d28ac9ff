-- states: where the jobs of a state are, for readers of many states at once.
local is_list = {wait = true, paused = true, active = true}

-- The keys that hold a state. Jobs that a BullMQ 5 pause put aside wait in front of `wait`,
-- unless `paused` is among the states asked for, which are ARGV from `first` on.
local function state_keys(prefix, state, first)
  local keys = {prefix .. state}
  if state ~= 'wait' then return keys end
  for i = first, #ARGV do
    if ARGV[i] == 'paused' then return keys end
  end
  keys[2] = prefix .. 'paused'
  return keys
end
