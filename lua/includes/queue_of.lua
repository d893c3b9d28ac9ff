-- queue_of: the keys of the queue that a job's full key belongs to, and the job's id; nil for
-- what is no such key.
--@include split_key
--@include queue_at
local function queue_of(job_key)
  local prefix, id = split_key(job_key)
  if not prefix then return nil end
  return queue_at(prefix), id
end
