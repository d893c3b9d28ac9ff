-- paginate: one page of a set or a hash, in the order of a scan.
--
-- KEYS  1 a set or a hash
-- ARGV  1 first  2 last, -1 for all  3 cursor  4 how many were passed on the way to it
--       5 how often at most to scan  6 1: the members, or fields, are keys of jobs: those too
-- gives {cursor to go on from, how many were passed, items, total, hashes as flat arrays}; an
--       item is a member, or {field, value}
-- emits nothing
local key = KEYS[1]
local first, last = tonumber(ARGV[1]) or 0, tonumber(ARGV[2]) or -1
local cursor, passed = ARGV[3], tonumber(ARGV[4]) or 0
local rounds, with_jobs = tonumber(ARGV[5]) or 5, ARGV[6] == '1'

local kinds = {
  set = {scan = 'SSCAN', size = 'SCARD', step = 1},
  hash = {scan = 'HSCAN', size = 'HLEN', step = 2},
}
local kind = kinds[redis.call('TYPE', key).ok]
if not kind then return {0, 0, {}, 0} end
if not string.find(cursor, '^%d+$') then cursor = '0' end

local items, jobs = {}, {}

local function take(page)
  for i = 1, #page, kind.step do
    if last >= 0 and passed > last then return end
    if passed >= first then
      items[#items + 1] = kind.step == 1 and page[i] or {page[i], page[i + 1]}
      if with_jobs then
        local is_job = redis.call('TYPE', page[i]).ok == 'hash'
        jobs[#jobs + 1] = is_job and redis.call('HGETALL', page[i]) or {}
      end
    end
    passed = passed + 1
  end
end

for _ = 1, math.max(rounds, 1) do
  local page
  cursor, page = unpack(redis.call(kind.scan, key, cursor, 'COUNT', 100))
  take(page)
  if cursor == '0' or last >= 0 and passed > last then break end
end
return {cursor, passed, items, redis.call(kind.size, key), jobs}
