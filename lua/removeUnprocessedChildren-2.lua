-- removeUnprocessedChildren: remove the children a job waits for, and theirs, but those that
-- run.
--
-- KEYS  1 the job's hash  2 meta
-- ARGV  1 the queue's key prefix  2 id
-- gives nil
-- emits removed for each; waiting for a parent that waits for nothing more
--@include remove_job
local job_key = KEYS[1]

local how, seen = {children = true, unlocked = true}, {[job_key] = true}
for _, child_key in ipairs(children_of(job_key, false)) do
  local prefix, id = split_key(child_key)
  if prefix then remove_job(prefix, id, how, seen) end
end
