-- dedup_end: a job that held a deduplication id has ended, and the duplicate that was kept for
-- this moment is created.
--@include max_events
--@include store
--@include place_job
--@include decode_object

-- A key with a time to live is a throttle: it outlives the job. True when the id is free for, or
-- still belongs to, what this job left behind.
local function release_dedup(prefix, dedup_id, id)
  local key = prefix .. 'de:' .. dedup_id
  local holder = redis.call('GET', key)
  if holder == id and redis.call('PTTL', key) == -1 then redis.call('DEL', key) end
  return not holder or holder == id
end

local function read_kept(q, dedup_id, hash, now)
  local names = {name = 'name', data = 'data', opts = 'opts_json', jid = 'id', pk = 'parent_key',
    pd = 'parent_json', pdk = 'parent_pending', rjk = 'scheduler_id'}
  local job = {timestamp = now, dedup_id = dedup_id}
  for i = 1, #hash, 2 do
    local name = names[hash[i]]
    if name then job[name] = hash[i + 1] end
  end
  if not (job.id and job.name and job.data and job.opts_json) then return nil end

  local opts = decode_object(job.opts_json)
  job.key, job.lifo = q.prefix .. job.id, opts.lifo == true
  job.delay, job.priority = tonumber(opts.delay) or 0, tonumber(opts.priority) or 0
  if job.parent_key then job.parent_json = job.parent_json or '{}' end
  return job
end

local function end_dedup(q, max_len, dedup_id, id, now)
  if not release_dedup(q.prefix, dedup_id, id) then return end
  local kept_key = q.prefix .. 'dn:' .. dedup_id
  local hash = redis.call('HGETALL', kept_key)
  if #hash == 0 then return end
  redis.call('DEL', kept_key)
  local job = read_kept(q, dedup_id, hash, now)
  if not job or redis.call('EXISTS', job.key) == 1 then return end

  redis.pcall('INCR', q.prefix .. 'id')
  redis.call('SET', q.prefix .. 'de:' .. dedup_id, job.id)
  q.max_events = max_events(q.meta, max_len)
  store_job(q, job)
  place_job(q, job, now)
end
