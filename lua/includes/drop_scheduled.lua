-- drop_scheduled: a scheduler's job that was taken out of where it waited goes with all it had.
--@include delete_job
--@include drop_dedup
local function drop_scheduled(prefix, id)
  local dedup_id = redis.call('HGET', prefix .. id, 'deid')
  if dedup_id then drop_dedup(prefix, dedup_id, id) end
  delete_job(prefix .. id)
end
