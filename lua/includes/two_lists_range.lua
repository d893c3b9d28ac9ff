-- two_lists_range: a range of two lists as if they were one. Places count as in LRANGE.
local function two_lists_range(keys, first, last)
  local length = redis.call('LLEN', keys[1])
  local all = length + redis.call('LLEN', keys[2])
  if first < 0 then first = math.max(first + all, 0) end
  if last < 0 then last = last + all end
  local ids = {}
  if first < length and last >= first then ids = redis.call('LRANGE', keys[1], first, last) end
  if last >= length then
    local more = redis.call('LRANGE', keys[2], math.max(first - length, 0), last - length)
    for _, id in ipairs(more) do ids[#ids + 1] = id end
  end
  return ids
end
