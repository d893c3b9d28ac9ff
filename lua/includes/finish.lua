-- finish: a run ended for good: store what came out, tell parents and duplicates, and take the
-- next job, if asked. What moveToFinished does, and so what it gives.
--@include settings
--@include whole
--@include trim_events
--@include leave_active
--@include enqueue
--@include mark_delay
--@include queue_of
--@include delete_job
--@include keep

-- `run` has: id, key, token; kind (completed or failed), field and value of what came out; fields
-- for the hash, packed, or nil. `opts` has keepJobs, attempts, maxMetricsSize and how to fetch;
-- the next job gets this one's token.
local function finish(q, run, fetch_next, now, opts)
  local id, job_key, field, value = run.id, run.key, run.field, run.value
  local completed = run.kind == 'completed'
  local keep = type(opts.keepJobs) == 'table' and opts.keepJobs or {}

  local name, made, parent_key, dedup_id =
    unpack(redis.call('HMGET', job_key, 'name', 'atm', 'parentKey', 'deid'))
  if not name and redis.call('EXISTS', job_key) == 0 then return -1 end
  -- Mostly none of these is there, and one question is enough.
  local pending, unsuccessful = job_key .. ':dependencies', job_key .. ':unsuccessful'
  local none = redis.call('EXISTS', pending, unsuccessful, q.delayed) == 0
  if completed and not none then
    if redis.call('EXISTS', pending) == 1 then return -4 end
    if redis.call('EXISTS', unsuccessful) == 1 then return -9 end
  end
  -- Parents and duplicates may be delayed below.
  q.none_delayed = none and not parent_key and not dedup_id
  local refused = leave_active(q, job_key, id, run.token, run.fields)
  if refused then return refused end

  local max_len = read_settings(q, fetch_next)
  trim_events(q, max_len)
  if dedup_id or parent_key then
    --@include dedup_end
    --@include report_child
    if dedup_id then end_dedup(q, max_len, dedup_id, id, now) end
    if completed and parent_key then
      report_completed(parent_key, job_key, value, now)
    elseif parent_key then
      report_failed(parent_key, redis.call('HGET', job_key, 'parent'), job_key, value, now)
    end
  end

  local attempts = made and (tonumber(made) or 0) + 1 or '1'
  if whole(keep.count) == 0 then
    if parent_key then
      forget_jobs(q.prefix, q.finished, {id})
    else
      delete_job(job_key)
    end
  else
    redis.call('ZADD', q.finished, now, id)
    redis.call('HSET', job_key, field, value, 'finishedOn', now, 'atm', attempts)
    if not completed then redis.call('HDEL', job_key, 'defa') end
    forget_old(q.prefix, q.finished, keep, now)
  end

  redis.call('XADD', q.events, '*', 'event', run.kind, 'jobId', id, field, value, 'prev', 'active')
  if not completed and tonumber(attempts) >= (tonumber(opts.attempts) or 0) then
    redis.call('XADD', q.events, '*', 'event', 'retries-exhausted', 'jobId', id,
      'attemptsMade', attempts)
  end
  local metrics_size = whole(opts.maxMetricsSize) or 0
  if metrics_size > 0 then
    --@include metrics
    count_metric(q.metrics, metrics_size, now)
  end

  if fetch_next then
    --@include fetch
    opts.token = run.token
    local reply = fetch(q, now, opts)
    if reply then return reply end
  end
  if redis.call('EXISTS', q.wait, q.active, q.prioritized) == 0 then
    redis.call('XADD', q.events, '*', 'event', 'drained')
  end
  return 0
end
