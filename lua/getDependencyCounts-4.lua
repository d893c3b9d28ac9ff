-- getDependencyCounts: how a job's children are.
--
-- KEYS  1 processed  2 dependencies  3 failed  4 unsuccessful: the job's own
-- ARGV  processed, unprocessed, ignored, failed, in any order
-- gives a list of numbers
-- emits nothing
local count = {
  processed = {'HLEN', KEYS[1]}, unprocessed = {'SCARD', KEYS[2]}, ignored = {'HLEN', KEYS[3]},
  failed = {'ZCARD', KEYS[4]},
}

local counts = {}
for i, kind in ipairs(ARGV) do
  counts[i] = count[kind] and redis.call(unpack(count[kind])) or 0
end
return counts
