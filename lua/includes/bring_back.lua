-- bring_back: the jobs of `paused`, which is there, go before those of `wait`, at most 7000 a
-- call. Gives how many are left.
local function bring_back(wait, paused)
  if redis.call('EXISTS', wait) == 0 then
    redis.call('RENAME', paused, wait)
    return 0
  end
  local aside = redis.call('LLEN', paused)
  for _ = 1, math.min(aside, 7000) do redis.call('LMOVE', paused, wait, 'LEFT', 'RIGHT') end
  return math.max(aside - 7000, 0)
end
