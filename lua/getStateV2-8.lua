-- getStateV2: where a job is; the name clients use from Redis 6.0.6 on.
--
-- KEYS and ARGV as in includes/state.lua
-- gives completed | failed | delayed | prioritized | active | waiting | waiting-children
--       | unknown
-- emits nothing
--@include state
return job_state()
