-- place_job: put a stored job where its options want it.
--@include emit
local function place_job(q, job, now)
  if job.delay > 0 then
    --@include put_delayed
    --@include mark_delay
    put_delayed(q, job.id, now, job.delay)
    mark_delay(q)
  else
    --@include enqueue
    enqueue(q, job.id, job.priority, job.lifo and 'RPUSH' or 'LPUSH')
  end
end
