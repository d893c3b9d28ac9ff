-- ranges: the ids of a state by their places, newest first, or `ascending` oldest first.
-- Places count from 0; negative ones from the other end.
--@include states

-- Both lists of `keys` as if they were one.
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

-- A list's range comes in the list's own order, newest first, in either case.
local function range_ids(keys, state, first, last, ascending)
  if not is_list[state] then
    return redis.call(ascending and 'ZRANGE' or 'ZREVRANGE', keys[1], first, last)
  end
  if ascending then first, last = -1 - last, -1 - first end
  if keys[2] and redis.call('EXISTS', keys[2]) == 1 then
    return two_lists_range(keys, first, last)
  end
  return redis.call('LRANGE', keys[1], first, last)
end
