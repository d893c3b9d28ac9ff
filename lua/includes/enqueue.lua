-- enqueue: let a job wait for its turn, and tell: workers by the marker, listeners by the
-- event, with `prev` unless the job is new.
--@include put_waiting
--@include mark_base
--@include emit
local function enqueue(q, id, priority, push, prev)
  put_waiting(q, id, priority, push)
  mark_base(q)
  if prev then
    emit(q, 'waiting', 'jobId', id, 'prev', prev)
  else
    emit(q, 'waiting', 'jobId', id)
  end
end
