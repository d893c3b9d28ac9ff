-- whole: a count that others wrote, or nil when it is none.
local function whole(value)
  local n = tonumber(value)
  return n and n >= 0 and n < 2 ^ 53 and math.floor(n) or nil
end
