-- is_scheduled: is a job the next run of a living scheduler. Such a job must stay.
local function is_scheduled(schedulers, id)
  local scheduler_id, ms = string.match(id, '^repeat:(.+):(%d+)$')
  return scheduler_id ~= nil and redis.call('ZSCORE', schedulers, scheduler_id) == ms
end
