-- isJobInList: is a job in a list.
--
-- KEYS  1 the list
-- ARGV  1 id
-- gives 1 | nil
-- emits nothing
local list, id = KEYS[1], ARGV[1]

return redis.call('LPOS', list, id) and 1
