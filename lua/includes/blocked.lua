-- blocked: paused or maxed. Jobs are accepted and moved as ever, but none is to be started.
local function is_blocked(q)
  if q.is_paused or not q.concurrency then return q.is_paused end
  --@include maxed
  return is_maxed(q)
end
