-- next_due: when the first delayed job is due, in ms; nil when none is delayed.
local function next_due(q)
  local score = redis.call('ZRANGE', q.delayed, 0, 0, 'WITHSCORES')[2]
  return score and tonumber(score) / 4096
end
