-- ranges: the ids of a state by their places, newest first, or `ascending` oldest first.
-- Places count from 0; negative ones from the other end.
--@include states

-- A list's range comes in the list's own order, newest first, in either case.
local function range_ids(keys, state, first, last, ascending)
  if not is_list[state] then
    return redis.call(ascending and 'ZRANGE' or 'ZREVRANGE', keys[1], first, last)
  end
  if ascending then first, last = -1 - last, -1 - first end
  if keys[2] and redis.call('EXISTS', keys[2]) == 1 then
    --@include two_lists_range
    return two_lists_range(keys, first, last)
  end
  return redis.call('LRANGE', keys[1], first, last)
end
