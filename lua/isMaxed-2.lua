-- isMaxed: do as many jobs run as the queue allows at a time.
--
-- KEYS  1 meta  2 active
-- ARGV  none
-- gives 1 | nil
-- emits nothing
--@include settings
--@include maxed
local q = {meta = KEYS[1], active = KEYS[2]}

read_settings(q)
return is_maxed(q)
