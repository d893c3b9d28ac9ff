-- split_key: a job's full key apart: the queue's key prefix and the job's id; nil for what is no
-- such key. Jobs of a flow are known to each other by their full keys.
local function split_key(job_key) return string.match(job_key, '^(.*:)([^:]+)$') end
