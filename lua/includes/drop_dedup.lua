-- drop_dedup: a job that held a deduplication id is removed: so is what was kept for its end.
local function drop_dedup(prefix, dedup_id, id)
  local key = prefix .. 'de:' .. dedup_id
  if redis.call('GET', key) == id then redis.call('DEL', key, prefix .. 'dn:' .. dedup_id) end
end
