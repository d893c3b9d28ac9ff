-- addLog: add a line to a job's log.
--
-- KEYS  1 the job's hash  2 its log
-- ARGV  1 id  2 the line  3 how many lines to keep, or empty for all
-- gives how many lines there are now | -1 no job
-- emits nothing
local job_key, log = KEYS[1], KEYS[2]
local line, keep = ARGV[2], tonumber(ARGV[3])

if redis.call('EXISTS', job_key) == 0 then return -1 end
local lines = redis.call('RPUSH', log, line)
if not keep or keep >= lines then return lines end
keep = math.max(math.floor(keep), 0)
redis.call('LTRIM', log, lines - keep, -1)
return keep
