-- removeChildDependency: a child becomes a job of its own.
--
-- KEYS  1 the queue's key prefix
-- ARGV  1 the child's key  2 the parent's key
-- gives 0 | 1 the parent does not wait for it | -1 no child | -5 no parent
-- emits waiting, when the parent waited for this child alone
--@include detach_child
local child_key, parent_key = ARGV[1], ARGV[2]

if redis.call('EXISTS', child_key) == 0 then return -1 end
if redis.call('EXISTS', parent_key) == 0 then return -5 end
if redis.call('HGET', child_key, 'parentKey') ~= parent_key then return 1 end
if not detach_child(parent_key, child_key) then return 1 end
redis.call('HDEL', child_key, 'parentKey', 'parent')
return 0
