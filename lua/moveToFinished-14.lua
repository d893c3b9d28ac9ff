-- moveToFinished: a run ended for good: store what came out, tell parents and duplicates,
-- and take the next job, if asked.
--
-- KEYS  1 wait  2 active  3 prioritized  4 events  5 stalled  6 limiter  7 delayed  8 paused
--       9 meta  10 pc  11 completed or failed  12 the job's hash  13 its kind's metrics
--       14 marker
-- ARGV  1 id
--       2 now, ms
--       3 returnvalue or failedReason
--       4 that value: JSON, or a reason's text
--       5 completed or failed
--       6 1: fetch the next job
--       7 the queue's key prefix
--       8 packed {token, lockDuration, limiter?, name?, keepJobs, attempts, maxMetricsSize}
--       9 packed fields for the hash, or empty
-- gives 0 | what a fetch gives | -1 no job | -2 no lock | -3 not active | -4 pending children
--       | -6 another's lock | -9 failed children
-- emits completed or failed, retries-exhausted, drained; those of a fetch; in the parent's
--       queue waiting or delayed; for a duplicate that was kept those of an add
--@include finish
local q = {
  prefix = ARGV[7], wait = KEYS[1], active = KEYS[2], prioritized = KEYS[3], events = KEYS[4],
  stalled = KEYS[5], limiter = KEYS[6], delayed = KEYS[7], paused = KEYS[8], meta = KEYS[9],
  pc = KEYS[10], finished = KEYS[11], metrics = KEYS[13], marker = KEYS[14],
}
local opts = cmsgpack.unpack(ARGV[8])
local run = {
  id = ARGV[1], key = KEYS[12], token = opts.token, kind = ARGV[5], field = ARGV[3],
  value = ARGV[4], fields = ARGV[9],
}

return finish(q, run, ARGV[6] == '1', ARGV[2], opts)
