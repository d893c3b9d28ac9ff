-- release_dedup: a job that held a deduplication id has ended. A key with a time to live is a
-- throttle: it outlives the job.

-- True when the id is free for, or still belongs to, what this job left behind.
local function release_dedup(prefix, dedup_id, id)
  local key = prefix .. 'de:' .. dedup_id
  local holder = redis.call('GET', key)
  if holder == id and redis.call('PTTL', key) == -1 then redis.call('DEL', key) end
  return not holder or holder == id
end
