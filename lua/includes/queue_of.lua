-- queue_of: the keys of the queue that a job's full key belongs to, and the job's id; nil for
-- what is no such key. Jobs of a flow are known to each other by their full keys.
--@include queue_at
local function queue_of(job_key)
  local prefix, id = string.match(job_key, '^(.*:)([^:]+)$')
  if not prefix then return nil end
  return queue_at(prefix), id
end
