-- metrics: jobs ended per minute, newest first.

-- Count one job in `metrics` (hash) and, when a minute has passed, in its list of points.
local function count_metric(metrics, size, now)
  local count, since, counted =
    unpack(redis.call('HMGET', metrics, 'count', 'prevTS', 'prevCount'))
  count, since, counted = (tonumber(count) or 0) + 1, tonumber(since), tonumber(counted) or 0
  if not since then
    redis.call('HSET', metrics, 'count', count, 'prevTS', now, 'prevCount', 0)
    return
  end
  local minutes = math.min(math.floor(now / 60000) - math.floor(since / 60000), size)
  if minutes <= 0 then
    redis.call('HSET', metrics, 'count', count)
    return
  end

  local data, zeros = metrics .. ':data', {}
  for i = 1, math.min(minutes - 1, 1000) do zeros[i] = 0 end
  redis.call('LPUSH', data, count - 1 - counted)
  for pending = minutes - 1, 1, -1000 do
    redis.call('LPUSH', data, unpack(zeros, 1, math.min(pending, 1000)))
  end
  redis.call('LTRIM', data, 0, size - 1)
  redis.call('HSET', metrics, 'count', count, 'prevTS', now, 'prevCount', count - 1)
end
