-- replace_winner: the job that won was delayed, and gives way.
--@include delete_job
local function replace_winner(q, job, winner, free_parent)
  local winner_key = q.prefix .. winner
  local parent_key = redis.call('HGET', winner_key, 'parentKey')
  if parent_key == job.parent_key then
    redis.call('SREM', parent_key .. ':dependencies', winner_key)
  elseif parent_key then
    free_parent(parent_key, winner_key)
  end
  delete_job(winner_key)
  emit(q, 'removed', 'jobId', winner, 'prev', 'delayed')
  emit(q, 'deduplicated', 'jobId', job.id, 'deduplicationId', job.dedup_id,
    'deduplicatedJobId', winner)
end
