-- decode_object: JSON that others wrote; what is not an object counts as an empty one.
local function decode_object(json)
  local ok, value = pcall(cjson.decode, json or '')
  return ok and type(value) == 'table' and value or {}
end
