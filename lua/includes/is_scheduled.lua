-- is_scheduled: is a job the next run of a living scheduler. Such a job must stay. Its id says
-- which one it may be; only then is its hash asked, which lies beside the scheduler's own.
local function is_scheduled(schedulers, id)
  local scheduler_id, ms = string.match(id, '^repeat:(.+):(%d+)$')
  return scheduler_id ~= nil and redis.call('ZSCORE', schedulers, scheduler_id) == ms
    and redis.call('HGET', schedulers .. ':' .. scheduler_id .. ':' .. ms, 'rjk') == scheduler_id
end
