-- delete_job: a job's six keys go together. The lock is its owner's.
local function delete_job(key)
  redis.call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed',
    key .. ':failed', key .. ':unsuccessful')
end
