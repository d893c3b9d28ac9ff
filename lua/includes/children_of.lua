-- children_of: the keys of a job's children: those it waits for, and if `all` those that ended too.
local function children_of(key, all)
  local pending = redis.call('SMEMBERS', key .. ':dependencies')
  if not all then return pending end
  local children = redis.call('HKEYS', key .. ':processed')
  local function add(keys)
    for _, child_key in ipairs(keys) do children[#children + 1] = child_key end
  end
  add(pending)
  add(redis.call('HKEYS', key .. ':failed'))
  add(redis.call('ZRANGE', key .. ':unsuccessful', 0, -1))
  return children
end
