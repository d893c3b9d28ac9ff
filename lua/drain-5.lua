-- drain: remove all jobs that wait for their turn, but the next run of each scheduler.
--
-- KEYS  1 wait  2 paused  3 delayed  4 prioritized  5 repeat
-- ARGV  1 the queue's key prefix  2 1: those that are delayed too
-- gives nil
-- emits nothing; in the queue of a parent that waited for such a job alone waiting
--@include is_scheduled
--@include sift
--@include forget
local wait, paused, delayed, prioritized, schedulers = unpack(KEYS)
local prefix, with_delayed = ARGV[1], ARGV[2] == '1'

local function stays(id) return is_scheduled(schedulers, id) end

local function forget(ids)
  for _, id in ipairs(ids) do forget_job(prefix, id) end
end

local function all_of(set) return redis.call('ZRANGE', set, 0, -1) end

forget(sift_list(wait, 0, stays))
forget(sift_list(paused, 0, stays))
if with_delayed then forget(sift_set(delayed, all_of(delayed), stays)) end
forget(sift_set(prioritized, all_of(prioritized), stays))
