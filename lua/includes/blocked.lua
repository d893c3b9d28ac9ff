-- blocked: paused or maxed. Jobs are accepted and moved as ever, but none is to be started.
--@include maxed
local function is_blocked(q, settings)
  return settings.paused and true or is_maxed(q, settings)
end
