-- What must hold of a queue after every step, whoever made it. Only for tests.
--
-- KEYS  1 K()  all keys of the queue begin with it
-- gives {problems, states, doomed, base, due, marked}
--   problems  texts; none when all is well
--   states    id, state, id, state ...
--   doomed    ids of jobs that whoever takes them must fail
--   base      there is work that may be taken: 1 with a base marker, 0 without; -1 none is,
--             or the queue is paused; -2 it is maxed
--   due       of the first delayed job, "" without one
--   marked    what the delay marker says, "" without one
local base = KEYS[1]
local problems, states, doomed, at = {}, {}, {}, {}
local lists = {'wait', 'paused', 'active'}
local zsets = {'prioritized', 'delayed', 'completed', 'failed', 'waiting-children'}
local own = {id = 1, pc = 1, meta = 1, events = 1, marker = 1, stalled = 1,
  ['stalled-check'] = 1}
local ended = {completed = true, failed = true, gone = true}
local parts = {lock = true, logs = true, dependencies = true, processed = true,
  failed = true, unsuccessful = true}

local function bad(...) problems[#problems + 1] = table.concat({...}, ' ') end

local function stand(id, state)
  if at[id] then bad(id, 'is in', at[id], 'and in', state) end
  at[id] = state
  states[#states + 1] = id
  states[#states + 1] = state
  local hash = redis.call('HMGET', base .. id, 'name', 'data', 'opts', 'timestamp',
    'finishedOn', 'defa')
  if not (hash[1] and hash[2] and hash[3] and hash[4]) then bad(id, 'in', state, 'is hollow') end
  if hash[6] then doomed[#doomed + 1] = id end
  if (hash[5] ~= false) ~= (state == 'completed' or state == 'failed') then
    bad(id, 'in', state, hash[5] and 'has' or 'has no', 'finishedOn')
  end
end

for _, list in ipairs(lists) do
  own[list] = 1
  for _, id in ipairs(redis.call('LRANGE', base .. list, 0, -1)) do stand(id, list) end
end
for _, zset in ipairs(zsets) do
  own[zset] = 1
  for _, id in ipairs(redis.call('ZRANGE', base .. zset, 0, -1)) do stand(id, zset) end
end

for _, key in ipairs(redis.call('KEYS', base .. '*')) do
  local suffix = key:sub(#base + 1)
  local kind, dedup = suffix:match('^(d[en]):(.*)')
  local id, part = suffix:match('^([^:]+):(.*)')
  if kind == 'de' then
    local holder = redis.call('GET', key)
    local state = at[holder] or 'gone'
    if redis.call('PTTL', key) == -1 and ended[state] then
      bad('the deduplication', dedup, 'is held by', holder, 'which is', state)
    end
  elseif kind == 'dn' then
    if redis.call('EXISTS', base .. 'de:' .. dedup) == 0 then
      bad('nobody will make the next of', dedup)
    end
  elseif id then
    if not parts[part] then bad('unexpected key', suffix) end
    if not at[id] then bad(suffix, 'is of a job that is gone') end
    if part == 'lock' and at[id] ~= 'active' then
      bad(id, 'in', at[id] or 'no state', 'has a lock')
    end
    if part == 'dependencies' then
      for _, child in ipairs(redis.call('SMEMBERS', key)) do
        if redis.call('EXISTS', child) == 0 then bad(id, 'waits for a child that is gone') end
      end
    end
  elseif not own[suffix] and not at[suffix] then
    local job = redis.call('HEXISTS', key, 'name') == 1
    bad(suffix, job and 'is a job in no state' or 'is no key of the queue')
  end
end

local settings = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency')
local work = redis.call('LLEN', base .. 'wait') + redis.call('LLEN', base .. 'paused')
  + redis.call('ZCARD', base .. 'prioritized')
local maxed = settings[2] and redis.call('LLEN', base .. 'active') >= tonumber(settings[2])
local marked = redis.call('ZSCORE', base .. 'marker', '0')
local first = redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')[2]
local offered = maxed and -2 or (settings[1] or work == 0) and -1 or marked and 1 or 0
return {problems, states, doomed, offered, first and ('%.17g'):format(tonumber(first) / 4096) or '',
  redis.call('ZSCORE', base .. 'marker', '1') or ''}
