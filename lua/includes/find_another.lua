-- find_another: the id of the job that stands for one that was to be added, or an error; nil when
-- there is none. Most adds never come here.
local function find_another(q, job, known)
  -- A child has left its parent, or has ended before it came.
  local function free_parent(parent_key, child_key)
    --@include release_parent
    --@include detach_child
    if child_key then
      detach_child(parent_key, child_key)
    else
      release_childless_parent(parent_key, job.timestamp)
    end
  end

  if not known then
    --@include deduplicate
    return deduplicate(q, job, free_parent)
  end
  if job.parent_key then
    --@include adopt
    if not adopt(q, job, free_parent) then return -7 end
  end
  emit(q, 'duplicated', 'jobId', job.id)
  return job.id
end
