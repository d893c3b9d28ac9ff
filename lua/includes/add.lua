-- add: what every add does, up to the point where the job has to go somewhere.
--
-- Making a function costs time in every call, so what few jobs need is taken in where they need
-- it. What a command needs itself it takes in before: each file is taken in once.
--@include settings
--@include max_events
--@include store
--@include emit

-- ARGV  1 packed {prefix, custom id, name, timestamp, parent key, parent's pending set,
--         parent map, scheduler id, deduplication key, leave the parent waiting}
--       2 data, JSON
--       3 packed options, short names
-- Everything that can fail on odd arguments is done here, before the first write.
local function read_job()
  local args = cmsgpack.unpack(ARGV[1])
  local opts = cmsgpack.unpack(ARGV[3])
  local de = type(opts.de) == 'table' and opts.de.id and opts.de
  return {
    prefix = args[1],
    id = args[2] or '',
    name = args[3],
    data = ARGV[2],
    opts = opts,
    opts_json = cjson.encode(opts),
    timestamp = tonumber(args[4]) or 0,
    delay = tonumber(opts.delay) or 0,
    priority = tonumber(opts.priority) or 0,
    parent_key = args[5],
    parent_pending = args[6],
    parent_json = args[7] and cjson.encode(args[7]),
    scheduler_id = args[8],
    dedup_key = de and args[9],
    dedup_id = de and de.id,
    parent_stays = args[10] == 1,
  }
end

-- The answer, when no job is to be made: the id of the one that stands for it, or an error.
local function find_another(q, job, known)
  --@include enqueue
  --@include queue_of
  --@include dedup

  -- A known id: nothing is stored, but the job may get the parent that asks for it.
  local function adopt()
    --@include release_parent
    local parent_key = job.parent_key
    local old = redis.call('HGET', job.key, 'parentKey')
    if old and old ~= parent_key and redis.call('EXISTS', old) == 1 then return -7 end
    redis.call('HSET', job.key, 'parentKey', parent_key, 'parent', job.parent_json or '{}')
    if redis.call('ZSCORE', q.completed, job.id) then
      local value = redis.call('HGET', job.key, 'returnvalue') or 'null'
      redis.call('HSET', parent_key .. ':processed', job.key, value)
      if not job.parent_stays then release_childless_parent(parent_key, job.timestamp) end
    elseif job.parent_pending then
      redis.call('SADD', job.parent_pending, job.key)
    end
    return nil
  end

  if not known then return deduplicate(q, job) end
  local refused = job.parent_key and adopt()
  if refused then return refused end
  emit(q, 'duplicated', 'jobId', job.id)
  return job.id
end

-- The answer, when there is nothing more to do; else nil and the queue's settings.
-- The first write can be refused by a full Redis; by then nothing has changed.
local function admit(q, job)
  if job.parent_key and redis.call('EXISTS', job.parent_key) == 0 then return -5 end
  local count = redis.call('INCR', q.id)
  local settings = read_settings(q.meta)
  q.max_events = max_events(q, settings)

  local custom = job.id ~= ''
  if not custom then job.id = tostring(count) end
  job.key = job.prefix .. job.id
  local known = custom and redis.call('EXISTS', job.key) == 1
  if known or job.dedup_key then
    local answer = find_another(q, job, known)
    if answer then return answer end
  end
  store_job(q, job)
  return nil, settings
end
