-- sift: take ids out of lists and sets, but those that are to stay.

-- Looks at the `count` next ids of a list, 0 for all; gives those it took.
local function sift_list(list, count, stays)
  local ids = redis.call('LRANGE', list, count > 0 and -count or 0, -1)
  local gone, kept = {}, {}
  for _, id in ipairs(ids) do
    local pile = stays(id) and kept or gone
    pile[#pile + 1] = id
  end
  if #gone == 0 then return gone end
  redis.call('LTRIM', list, 0, -1 - #ids)
  for i = 1, #kept, 1000 do
    redis.call('RPUSH', list, unpack(kept, i, math.min(i + 999, #kept)))
  end
  return gone
end

-- The same for members of a sorted set.
local function sift_set(set, ids, stays)
  local gone = {}
  for _, id in ipairs(ids) do
    if not stays(id) then
      redis.call('ZREM', set, id)
      gone[#gone + 1] = id
    end
  end
  return gone
end
