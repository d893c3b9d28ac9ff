-- add: what every add does, up to the point where the job has to go somewhere.
--
-- Making a function or a large table costs time in every call: what few jobs need is taken in
-- where they need it, and filled in when they have it. What a command needs itself it takes in
-- before this, since each file is taken in once.
--@include max_events
--@include store
--@include emit

-- The job to be added and the queue's key prefix.
-- ARGV  1 packed {prefix, custom id, name, timestamp, parent key, parent's pending set,
--         parent map, scheduler id, deduplication key, leave the parent waiting}
--       2 data, JSON
--       3 packed options, short names
-- What can fail on odd arguments is done here, before the first write.
local function read_job()
  local args, opts = cmsgpack.unpack(ARGV[1]), cmsgpack.unpack(ARGV[3])
  local de = type(opts.de) == 'table' and opts.de.id and opts.de
  local job = {
    id = args[2] or '',
    key = '', -- known when the id is
    name = args[3],
    data = ARGV[2],
    opts_json = not de and cjson.encode(opts), -- else when it is known to be needed
    timestamp = string.format('%d', tonumber(args[4]) or 0),
    delay = tonumber(opts.delay) or 0,
    priority = tonumber(opts.priority) or 0,
  }
  if opts.lifo == true then job.lifo = true end
  if args[5] then
    job.parent_key, job.parent_pending, job.parent_stays = args[5], args[6], args[10] == 1
    job.parent_json = args[7] and cjson.encode(args[7]) or '{}'
  end
  if args[8] then job.scheduler_id = args[8] end
  if de then job.opts, job.de, job.dedup_id, job.dedup_key = opts, de, de.id, args[9] end
  return job, args[1]
end

-- The answer, when there is nothing more to do.
-- The first write can be refused by a full Redis; by then nothing has changed.
local function admit(q, job)
  if job.parent_key and redis.call('EXISTS', job.parent_key) == 0 then return -5 end
  local count = redis.call('INCR', q.id)
  local custom = job.id ~= ''
  if not custom then job.id = string.format('%d', count) end
  job.key = q.prefix .. job.id
  local known = custom and redis.call('EXISTS', job.key) == 1
  if known or job.dedup_key then
    local max_len = redis.call('HGET', q.meta, 'opts.maxLenEvents')
    q.max_events = max_events(q.meta, max_len)
    --@include find_another
    local answer = find_another(q, job, known)
    if answer then return answer end
  end
  store_job(q, job)
  return nil
end
