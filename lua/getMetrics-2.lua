-- getMetrics: jobs ended per minute.
--
-- KEYS  1 the metrics  2 their points, newest first
-- ARGV  1 first  2 last
-- gives {{count, prevTS, prevCount}, points, how many points there are}
-- emits nothing
local metrics, data = KEYS[1], KEYS[2]
local first, last = tonumber(ARGV[1]) or 0, tonumber(ARGV[2]) or -1

return {
  redis.call('HMGET', metrics, 'count', 'prevTS', 'prevCount'),
  redis.call('LRANGE', data, first, last),
  redis.call('LLEN', data),
}
