-- moveToActive: promote what is due, then take the next job and lock it.
--
-- KEYS  1 wait  2 active  3 prioritized  4 events  5 stalled  6 limiter  7 delayed  8 paused
--       9 meta  10 pc  11 marker
-- ARGV  1 the queue's key prefix
--       2 now, ms
--       3 packed {token, lockDuration, limiter {max, duration}?, name?}
-- gives {hash, id, 0, 0} | {0, 0, ms of rate limit, ms when one is due}
-- emits waiting for each promoted job; active
--@include settings
--@include fetch
local q = {
  prefix = ARGV[1], wait = KEYS[1], active = KEYS[2], prioritized = KEYS[3], events = KEYS[4],
  stalled = KEYS[5], limiter = KEYS[6], delayed = KEYS[7], paused = KEYS[8], meta = KEYS[9],
  pc = KEYS[10], marker = KEYS[11],
}

read_settings(q, true)
return fetch(q, ARGV[2], cmsgpack.unpack(ARGV[3])) or {0, 0, 0, 0}
