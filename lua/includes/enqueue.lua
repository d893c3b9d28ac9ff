-- enqueue: let a job wait for its turn, and tell: workers by the marker, listeners by the
-- event, with `prev` unless the job is new.
--@include put_waiting
--@include mark_base
local function enqueue(q, settings, id, priority, push, prev)
  put_waiting(q, settings, id, priority, push)
  mark_base(q, settings)
  if prev then
    redis.call('XADD', q.events, '*', 'event', 'waiting', 'jobId', id, 'prev', prev)
  else
    redis.call('XADD', q.events, '*', 'event', 'waiting', 'jobId', id)
  end
end
