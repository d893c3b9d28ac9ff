-- getState: where a job is.
--
-- KEYS and ARGV as in includes/state.lua
-- gives completed | failed | delayed | prioritized | active | waiting | waiting-children
--       | unknown
-- emits nothing
--@include state
return job_state()
