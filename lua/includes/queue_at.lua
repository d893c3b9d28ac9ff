-- queue_at: the keys of a queue by its key prefix.
local function queue_at(prefix)
  return {
    prefix = prefix,
    wait = prefix .. 'wait',
    paused = prefix .. 'paused',
    active = prefix .. 'active',
    prioritized = prefix .. 'prioritized',
    delayed = prefix .. 'delayed',
    failed = prefix .. 'failed',
    waiting_children = prefix .. 'waiting-children',
    events = prefix .. 'events',
    marker = prefix .. 'marker',
    meta = prefix .. 'meta',
    pc = prefix .. 'pc',
  }
end
