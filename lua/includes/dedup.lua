-- dedup: at most one job for a deduplication id. `de:<id>` holds the id of the job that
-- won, `dn:<id>` the job to create when that one ends.
--@include add_field
--@include emit

-- Nil when `job` is to be added and holds the key now, else the id of the job that stands
-- for it.
local function deduplicate(q, job)
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

  local function emit_deduplicated(id, other_id)
    emit(q, 'deduplicated', 'jobId', id, 'deduplicationId', job.dedup_id,
      'deduplicatedJobId', other_id)
  end

  -- The winner is running: remember the latest duplicate in its place.
  local function keep_job()
    local kept_key = q.prefix .. 'dn:' .. job.dedup_id
    local hash = {'name', job.name, 'data', job.data, 'opts', job.opts_json, 'jid', job.id}
    add_field(hash, 'pk', job.parent_key)
    add_field(hash, 'pd', job.parent_json)
    add_field(hash, 'pdk', job.parent_pending)
    add_field(hash, 'rjk', job.scheduler_id)
    redis.call('DEL', kept_key)
    redis.call('HSET', kept_key, unpack(hash))
    redis.call('PERSIST', key)
  end

  -- The winner was delayed, and gives way.
  local function remove_winner(winner)
    --@include detach_child
    --@include delete_job
    local winner_key = q.prefix .. winner
    local parent_key = redis.call('HGET', winner_key, 'parentKey')
    if parent_key == job.parent_key then
      redis.call('SREM', parent_key .. ':dependencies', winner_key)
    elseif parent_key then
      detach_child(parent_key, winner_key)
    end
    delete_job(winner_key)
    emit(q, 'removed', 'jobId', winner, 'prev', 'delayed')
    emit_deduplicated(job.id, winner)
  end

  local winner = redis.call('GET', key)
  -- A winner that vanished, and no time to live: nobody would ever release the key.
  if not winner
    or redis.call('EXISTS', q.prefix .. winner) == 0 and redis.call('PTTL', key) == -1 then
    take_key()
    return nil
  end

  if keep_last and redis.call('LPOS', q.prefix .. 'active', winner) then
    keep_job()
  elseif de.replace and not job.is_parent then
    if redis.call('ZREM', q.prefix .. 'delayed', winner) == 0 then return winner end
    remove_winner(winner)
    if ttl and not de.extend then
      redis.call('SET', key, job.id, 'KEEPTTL')
    else
      take_key()
    end
    return nil
  elseif ttl and de.extend then
    redis.call('PEXPIRE', key, ttl)
  end
  emit_deduplicated(winner, job.id)
  return winner
end
