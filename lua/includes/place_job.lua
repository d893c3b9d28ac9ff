-- place_job: put a stored job where its options want it.
--@include enqueue
--@include put_delayed
--@include mark_delay
local function place_job(q, settings, job, now)
  if job.delay > 0 then
    put_delayed(q, job.id, now, job.delay)
    mark_delay(q)
  else
    enqueue(q, settings, job.id, job.priority, job.opts.lifo == true and 'RPUSH' or 'LPUSH')
  end
end
