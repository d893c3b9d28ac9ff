-- place_job: put a stored job where its options want it.
--@include enqueue
--@include put_delayed
--@include mark_delay
local function place_job(q, job, now)
  if job.delay > 0 then
    put_delayed(q, job.id, now, job.delay)
    mark_delay(q)
  else
    enqueue(q, job.id, job.priority, job.lifo and 'RPUSH' or 'LPUSH')
  end
end
