-- deduplicate: at most one job for a deduplication id. `de:<id>` holds the id of the job that
-- won, `dn:<id>` the job to create when that one ends.

-- Nil when `job` is to be added and holds the key now, else the id of the job that stands
-- for it.
local function deduplicate(q, job, free_parent)
  local de, key = job.de, job.dedup_key
  local keep_last = de.keepLastIfActive == true
  local ttl = not keep_last and tonumber(de.ttl) or 0
  ttl = ttl >= 1 and math.floor(ttl) or nil

  local function take_key()
    if ttl then
      redis.call('SET', key, job.id, 'PX', ttl)
    else
      redis.call('SET', key, job.id)
    end
  end

  local winner = redis.call('GET', key)
  -- A winner that vanished, and no time to live: nobody would ever release the key.
  local free = not winner
    or redis.call('EXISTS', q.prefix .. winner) == 0 and redis.call('PTTL', key) == -1
  -- A plain duplicate comes often and needs no JSON.
  if free or keep_last or de.replace then job.opts_json = cjson.encode(job.opts) end
  if free then
    take_key()
    return nil
  end

  if keep_last and redis.call('LPOS', q.prefix .. 'active', winner) then
    --@include keep_duplicate
    keep_duplicate(q, job)
  elseif de.replace and not job.is_parent then
    if redis.call('ZREM', q.prefix .. 'delayed', winner) == 0 then return winner end
    --@include replace_winner
    replace_winner(q, job, winner, free_parent)
    if ttl and not de.extend then
      redis.call('SET', key, job.id, 'KEEPTTL')
    else
      take_key()
    end
    return nil
  elseif ttl and de.extend then
    redis.call('PEXPIRE', key, ttl)
  end
  emit(q, 'deduplicated', 'jobId', winner, 'deduplicationId', job.dedup_id,
    'deduplicatedJobId', job.id)
  return winner
end
