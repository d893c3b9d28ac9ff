-- moveToDelayed: a run ended, and the job is to run again later. Takes the next job, if
-- asked.
--
-- KEYS  1 marker  2 active  3 prioritized  4 delayed  5 the job's hash  6 events  7 meta
--       8 stalled  9 wait  10 limiter  11 paused  12 pc
-- ARGV  1 the queue's key prefix  2 now, ms  3 id  4 token  5 delay, ms
--       6 1: the run does not count as an attempt
--       7 packed fields for the hash, or empty
--       8 1: fetch the next job  9 packed fetch options, or empty
-- gives 0 | {hash, id, 0, 0} | -1 no job | -2 no lock | -3 not active | -6 another's lock
-- emits delayed; those of a fetch
--@include settings
--@include max_events
--@include put_delayed
--@include mark_delay
--@include leave_active
local q = {
  prefix = ARGV[1], marker = KEYS[1], active = KEYS[2], prioritized = KEYS[3],
  delayed = KEYS[4], events = KEYS[6], meta = KEYS[7], stalled = KEYS[8], wait = KEYS[9],
  limiter = KEYS[10], paused = KEYS[11], pc = KEYS[12],
}
local job_key, now, id, token = KEYS[5], ARGV[2], ARGV[3], ARGV[4]
local delay, skip_attempt = tonumber(ARGV[5]) or 0, ARGV[6] == '1'
local fetch_opts = ARGV[8] == '1' and cmsgpack.unpack(ARGV[9])

if redis.call('EXISTS', job_key) == 0 then return -1 end
local refused = leave_active(q, job_key, id, token, ARGV[7])
if refused then return refused end

if not skip_attempt then redis.pcall('HINCRBY', job_key, 'atm', '1') end
redis.call('HSET', job_key, 'delay', delay)
local max_len = fetch_opts and read_settings(q, true)
  or not fetch_opts and redis.call('HGET', q.meta, 'opts.maxLenEvents')
q.max_events = max_events(q.meta, max_len)
put_delayed(q, id, now, delay)
if fetch_opts then
  --@include fetch
  local reply = fetch(q, now, fetch_opts)
  if reply and reply[2] ~= 0 then return reply end
end
mark_delay(q)
return 0
