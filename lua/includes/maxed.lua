-- maxed: as many jobs run as the queue allows at a time.
local function is_maxed(q)
  return q.concurrency ~= nil
    and redis.call('LLEN', q.active or q.prefix .. 'active') >= q.concurrency
end
