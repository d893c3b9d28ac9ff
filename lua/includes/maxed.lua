-- maxed: as many jobs run as the queue allows at a time.
local function is_maxed(q, settings)
  return settings.concurrency ~= nil
    and redis.call('LLEN', q.active) >= settings.concurrency
end
