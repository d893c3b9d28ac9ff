-- finishJobs: several jobs of one worker have completed: what moveToFinished does for each, in
-- their order, the next job fetched every time. (Ours; BullMQ has no such command.)
--
-- It does so with fewer calls where nobody can tell the difference: jobs without parents and
-- deduplication, on a queue without limits that has a next job for each. Keys, fields and events
-- with their order are the same; but once a call, not once a job, a sleeping worker is woken, the
-- stream trimmed, and of a backlog of old jobs 1000 go. Everything else is done one by one.
--
-- KEYS  1 wait  2 active  3 prioritized  4 events  5 stalled  6 limiter  7 delayed  8 paused
--       9 meta  10 pc  11 completed  12 metrics:completed  13 marker
-- ARGV  1 the queue's key prefix
--       2 now, ms
--       3 packed {lockDuration, limiter?, name?, keepJobs, maxMetricsSize}
--       4 packed array: id, token, returnvalue (JSON), and so on for each job
-- gives for each job, in an array, what moveToFinished gives; or its error, when what is at fault
--       is a key of another type
-- emits completed; those of a fetch; drained; what moveToFinished emits for parents and duplicates
--@include settings
--@include whole
--@include trim_events
--@include enqueue
--@include mark_delay
--@include queue_of
--@include delete_job
--@include keep
--@include start
local q = {
  prefix = ARGV[1], wait = KEYS[1], active = KEYS[2], prioritized = KEYS[3], events = KEYS[4],
  stalled = KEYS[5], limiter = KEYS[6], delayed = KEYS[7], paused = KEYS[8], meta = KEYS[9],
  pc = KEYS[10], finished = KEYS[11], metrics = KEYS[12], marker = KEYS[13],
}
local now, opts = ARGV[2], cmsgpack.unpack(ARGV[3])
local keep = type(opts.keepJobs) == 'table' and opts.keepJobs or {}

local function read_runs(packed)
  local list, runs = cmsgpack.unpack(packed), {}
  for i = 1, #list, 3 do
    local id = list[i]
    runs[#runs + 1] = {id = id, key = q.prefix .. id, token = list[i + 1], kind = 'completed',
      field = 'returnvalue', value = list[i + 2]}
  end
  return runs
end

-- Whether nothing has to be asked again between one job and the next.
local function is_plain_queue(max_len)
  if q.is_paused or q.concurrency or q.max or not max_len then return false end
  if opts.limiter or keep.limit or (whole(opts.maxMetricsSize) or 0) > 0 then return false end
  local due = string.format('%d', (now + 1) * 4096 - 1)
  return #redis.call('ZRANGEBYSCORE', q.delayed, '0', due, 'LIMIT', '0', '1') == 0
end

-- Whether all runs may end, and nobody but the queue has to know. `ids` gets the jobs, `locks`
-- their locks.
local function are_plain_runs(runs, ids, locks)
  local children = {}
  for i, run in ipairs(runs) do
    local job = redis.pcall('HMGET', run.key, 'name', 'atm', 'parentKey', 'deid')
    if not job[1] or job[3] or job[4] or ids[run.id] then return false end
    run.attempts = job[2] and (tonumber(job[2]) or 0) + 1 or '1'
    ids[i], ids[run.id], locks[i] = run.id, run, run.key .. ':lock'
    children[2 * i - 1] = run.key .. ':dependencies'
    children[2 * i] = run.key .. ':unsuccessful'
  end
  for i, holder in ipairs(redis.call('MGET', unpack(locks))) do
    if holder ~= runs[i].token then return false end
  end
  return redis.call('EXISTS', unpack(children)) == 0
end

-- The next `count` jobs, in the order they are taken in; nil when there are not as many, or one
-- has no hash, or runs already.
local function find_next(count, running)
  local waiting = redis.call('LRANGE', q.wait, -count, -1)
  local missing, found = count - #waiting, {}
  local ordered = missing > 0 and redis.call('ZRANGE', q.prioritized, 0, missing - 1) or {}
  if #ordered < missing then return nil end
  for i = 1, count do
    local id = waiting[#waiting + 1 - i] or ordered[i - #waiting]
    local hash = redis.pcall('HGETALL', q.prefix .. id)
    if #hash == 0 or running[id] then return nil end
    running[id], found[i] = true, {hash, id, 0, 0}
  end
  return found, #waiting
end

-- The runs that leave `active`; of another one -3 becomes the reply. As in leave_active the first
-- writes free memory.
local function leave_together(runs, ids, locks, replies)
  local left = {}
  redis.call('DEL', unpack(locks))
  redis.call('SREM', q.stalled, unpack(ids))
  for i, run in ipairs(runs) do
    if redis.call('LREM', q.active, '-1', run.id) == 0 then
      replies[i] = -3
    else
      left[#left + 1], run.place = run, i
    end
  end
  return left
end

-- Take the first `count` of what was found; only the first `waiting` were in `wait`.
local function take_together(found, count, waiting)
  local ids = {}
  for i = 1, count do ids[i] = found[i][2] end
  redis.call('LTRIM', q.wait, 0, -count - 1)
  if count > waiting then redis.call('ZPOPMIN', q.prioritized, count - waiting) end
  redis.call('LPUSH', q.active, unpack(ids))
end

local function store_together(runs)
  if whole(keep.count) == 0 then
    for _, run in ipairs(runs) do delete_job(run.key) end
    return
  end
  local scores = {}
  for i, run in ipairs(runs) do
    scores[2 * i - 1], scores[2 * i] = now, run.id
    redis.call('HSET', run.key, run.field, run.value, 'finishedOn', now, 'atm', run.attempts)
  end
  redis.call('ZADD', q.finished, unpack(scores))
  forget_old(q.prefix, q.finished, keep, now)
end

-- The replies; nil and nothing done when that cannot be.
local function finish_together(runs)
  local replies, ids, locks = {}, {}, {}
  local max_len = read_settings(q, true)
  if not is_plain_queue(max_len) or not are_plain_runs(runs, ids, locks) then return nil end
  local found, waiting = find_next(#runs, ids)
  if not found then return nil end

  runs = leave_together(runs, ids, locks, replies)
  if #runs == 0 then return replies end
  take_together(found, #runs, waiting)
  trim_events(q, max_len)
  store_together(runs)
  for i, run in ipairs(runs) do
    redis.call('XADD', q.events, '*', 'event', 'completed', 'jobId', run.id,
      run.field, run.value, 'prev', 'active')
    start_job(q, found[i][2], found[i][1], run.token, now, opts)
    replies[run.place] = found[i]
  end
  redis.call('ZADD', q.marker, '0', '0')
  return replies
end

local runs = read_runs(ARGV[4])
local replies = finish_together(runs)
if replies then return replies end

-- One after the other. A key of another type is the matter of one job; every other error, that
-- Redis cannot serve now or does not want to, is all jobs'.
--@include finish
replies = {}
for i, run in ipairs(runs) do
  local done, reply = pcall(finish, q, run, true, now, opts)
  if not done then
    reply = type(reply) == 'table' and reply or {err = reply} -- as the version of Redis has it
    if not string.find(reply.err, 'WRONGTYPE', 1, true) then return reply end
  end
  replies[i] = reply
end
return replies
