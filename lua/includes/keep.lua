-- keep: how many finished jobs stay, and for how long. Asked only when a job ends.
--@include whole

-- Forget jobs that are in `finished`.
local function forget_jobs(prefix, finished, ids)
  --@include queue_of
  --@include detach_child
  --@include delete_job
  for _, id in ipairs(ids) do
    local key = prefix .. id
    local parent_key = redis.call('HGET', key, 'parentKey')
    if parent_key then detach_child(parent_key, key) end
    delete_job(key)
    redis.call('ZREM', finished, id)
  end
end

-- `keep` is {count?, age? (seconds), limit?}. What is older than `age` goes, `limit` jobs a
-- call, then what is beyond the newest `count`, 1000 a call.
local function forget_old(prefix, finished, keep, now)
  local age, count = tonumber(keep.age), whole(keep.count)
  if age then
    local last = string.format('%d', now - age * 1000)
    local old = redis.call('ZREVRANGEBYSCORE', finished, last, '-inf',
      'LIMIT', '0', whole(keep.limit) or '1000')
    if #old > 0 then forget_jobs(prefix, finished, old) end
  end
  if count and count > 0 then
    local beyond = redis.call('ZREVRANGE', finished, count, count + 999)
    if #beyond > 0 then forget_jobs(prefix, finished, beyond) end
  end
end
