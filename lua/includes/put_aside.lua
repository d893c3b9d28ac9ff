-- put_aside: the jobs of `wait` go behind those of `paused`, all at once, since those who pause
-- do not come back for more: the shorter list joins the longer one.
local function put_aside(wait, paused)
  local waiting, aside = redis.call('LLEN', wait), redis.call('LLEN', paused)
  if waiting < aside then
    for _ = 1, waiting do redis.call('LMOVE', wait, paused, 'RIGHT', 'LEFT') end
  elseif waiting > 0 then
    for _ = 1, aside do redis.call('LMOVE', paused, wait, 'LEFT', 'RIGHT') end
    redis.call('RENAME', wait, paused)
  end
end
