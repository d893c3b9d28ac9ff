-- add_field: one more field of a hash that is being put together, if there is a value.
local function add_field(flat, field, value)
  if value then
    local n = #flat
    flat[n + 1], flat[n + 2] = field, value
  end
end
