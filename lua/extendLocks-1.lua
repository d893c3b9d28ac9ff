-- extendLocks: keep all the jobs of a worker.
--
-- KEYS  1 stalled
-- ARGV  1 the queue's key prefix  2 packed tokens  3 packed ids  4 duration, ms
-- gives the ids whose lock is gone or another's
-- emits nothing
--@include extend_lock
local stalled, prefix, duration = KEYS[1], ARGV[1], ARGV[4]
local tokens, ids = cmsgpack.unpack(ARGV[2]), cmsgpack.unpack(ARGV[3])

local lost = {}
for i, id in ipairs(ids) do
  if not extend_lock(prefix .. id .. ':lock', stalled, id, tokens[i], duration) then
    lost[#lost + 1] = id
  end
end
return lost
