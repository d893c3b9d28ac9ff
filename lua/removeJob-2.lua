-- removeJob: remove a job, and its children if asked, unless one of them runs.
--
-- KEYS  1 the job's hash  2 repeat
-- ARGV  1 id  2 1: its children too  3 the queue's key prefix
-- gives 1 | 0 it, or a child to be removed, is locked | -8 a scheduler's next run
-- emits removed for each; for a parent that waited for the job alone waiting
--@include is_scheduled
--@include remove_job
local job_key, schedulers = KEYS[1], KEYS[2]
local id, with_children, prefix = ARGV[1], ARGV[2] == '1', ARGV[3]

local function is_locked(key, seen)
  if redis.call('EXISTS', key .. ':lock') == 1 then return true end
  if not with_children or seen[key] then return false end
  seen[key] = true
  for _, child_key in ipairs(children_of(key, true)) do
    if is_locked(child_key, seen) then return true end
  end
  return false
end

if is_scheduled(schedulers, id) then return -8 end
if is_locked(job_key, {}) then return 0 end
remove_job(prefix, id, {children = with_children, ended = true}, {})
return 1
