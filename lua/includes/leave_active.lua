-- leave_active: the end of a run, whatever comes next.
--@include lock

-- Release the lock, take the job out of `active`, and write the packed fields into its hash.
-- Nil, or -2, -6 (nothing done) and -3 (not active; the lock stays released).
-- The first write frees memory, so that a full Redis refuses none of those that follow.
local function leave_active(q, job_key, id, token, packed_fields)
  local refused = release_lock(q, job_key, id, token)
  if refused then return refused end
  local left = redis.call('LREM', q.active, '-1', id)
  if packed_fields and packed_fields ~= '' then
    local fields = cmsgpack.unpack(packed_fields)
    if #fields > 1 then redis.call('HSET', job_key, unpack(fields)) end
  end
  if left == 0 then return -3 end
  return nil
end
