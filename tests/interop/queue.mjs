// A queue as the scripts see it: every command with its keys and arguments in their order.

import {Packr} from 'msgpackr';

const packr = new Packr({useRecords: false, encodeUndefinedAsNil: true});
export const pack = value => packr.pack(value);

const FINISHED = {completed: 'returnvalue', failed: 'failedReason'};
const flags = value => (value ? '1' : '0');

export class ScriptQueue {
  // `command` is the name the client knows a script by.
  constructor(redis, prefix = 'bull:q:', command = name => name) {
    Object.assign(this, {redis, prefix, command});
  }

  key(suffix) {
    return this.prefix + suffix;
  }

  run(name, suffixes, ...args) {
    return this.redis[this.command(name)](...suffixes.map(s => this.key(s)), ...args);
  }

  // The script Node would choose; `parent` is {key, flags?, stays?}.
  add(opts = {}, {id = '', name = 'n', data = '{}', at = 1000, parent, rjk, isParent, as} = {}) {
    const [, queueKey, parentId] = /^(.*):([^:]+)$/.exec(parent?.key ?? '') ?? [];
    const args = [this.prefix, id, name, at, parent?.key, parent && `${parent.key}:dependencies`,
      parent && {id: parentId, queueKey, ...parent.flags}, rjk, opts.de && this.key(`de:${opts.de.id}`)];
    if (parent?.stays) args.push(1);
    const kind = as ?? (isParent ? 'parent' : opts.delay ? 'delayed' : opts.priority ? 'priority' : 'standard');
    const [script, suffixes] = {
      standard: ['addStandardJob', ['wait', 'paused', 'meta', 'id', 'completed', 'delayed', 'active',
        'events', 'marker']],
      delayed: ['addDelayedJob', ['marker', 'meta', 'id', 'delayed', 'completed', 'events']],
      priority: ['addPrioritizedJob', ['marker', 'meta', 'id', 'prioritized', 'delayed', 'completed',
        'active', 'events', 'pc']],
      parent: ['addParentJob', ['meta', 'id', 'delayed', 'waiting-children', 'completed', 'events']],
    }[kind];
    return this.run(script, suffixes, pack(args), data, pack(opts));
  }

  fetch({at = 2000, token = 't', lockDuration = 30000, limiter, name} = {}) {
    return this.run('moveToActive', ['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter',
      'delayed', 'paused', 'meta', 'pc', 'marker'],
    this.prefix, at, pack({token, lockDuration, limiter, name}));
  }

  finish(id, {as = 'completed', value = '1', at = 3000, token = 't', next = false, keep = {count: -1},
    attempts = 0, metrics = '', fields, lockDuration = 30000, limiter, name} = {}) {
    return this.run('moveToFinished', ['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter',
      'delayed', 'paused', 'meta', 'pc', as, id, `metrics:${as}`, 'marker'],
    id, at, FINISHED[as], value, as, flags(next), this.prefix,
    pack({token, lockDuration, limiter, name, keepJobs: keep, attempts, maxMetricsSize: metrics}),
    fields ? pack(fields) : '');
  }

  // [{id, token?, value?}], which have completed together.
  finishAll(runs, {at = 3000, keep = {count: -1}, metrics = '', lockDuration = 30000, limiter, name} = {}) {
    return this.run('finishJobs', ['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed',
      'paused', 'meta', 'pc', 'completed', 'metrics:completed', 'marker'],
    this.prefix, at, pack({lockDuration, limiter, name, keepJobs: keep, maxMetricsSize: metrics}),
    pack(runs.flatMap(({id, token = 't', value = '1'}) => [id, token, value])));
  }

  fail(id, options) {
    return this.finish(id, {as: 'failed', value: 'why', ...options});
  }

  retry(id, {at = 3000, token = 't', push = 'LPUSH', fields} = {}) {
    return this.run('retryJob', ['active', 'wait', 'paused', id, 'meta', 'events', 'delayed',
      'prioritized', 'pc', 'marker', 'stalled'],
    this.prefix, at, push, id, token, fields ? pack(fields) : '');
  }

  delay(id, delay, {at = 3000, token = 't', skip = false, fields, next} = {}) {
    return this.run('moveToDelayed', ['marker', 'active', 'prioritized', 'delayed', id, 'events', 'meta',
      'stalled', 'wait', 'limiter', 'paused', 'pc'],
    this.prefix, at, id, token, delay, flags(skip), fields ? pack(fields) : '', flags(next),
    next ? pack({lockDuration: 30000, ...next}) : '');
  }

  back(id, {token = 't'} = {}) {
    return this.run('moveJobFromActiveToWait', ['active', 'wait', 'stalled', 'paused', 'meta', 'limiter',
      'prioritized', 'marker', 'events'], id, token, this.key(id));
  }

  waitForChildren(id, {token = 't', child = '', at = 3000} = {}) {
    return this.run('moveToWaitingChildren', ['active', 'waiting-children', id, `${id}:dependencies`,
      `${id}:unsuccessful`, 'stalled', 'events'], token, child, at, id, this.prefix);
  }

  checkStalled({max = 1, at = 9000, interval = 30000} = {}) {
    return this.run('moveStalledJobsToWait', ['stalled', 'wait', 'active', 'stalled-check', 'meta',
      'paused', 'marker', 'events', 'repeat'], max, this.prefix, at, interval);
  }

  extend(id, {token = 't', duration = 30000} = {}) {
    return this.run('extendLock', [`${id}:lock`, 'stalled'], token, duration, id);
  }

  extendAll(ids, {token = 't', duration = 30000} = {}) {
    return this.run('extendLocks', ['stalled'], this.prefix, pack(ids.map(() => token)), pack(ids), duration);
  }

  release(id, token = 't') {
    return this.run('releaseLock', [`${id}:lock`], token, id);
  }

  // What a running job says.

  progress(id, json) {
    return this.run('updateProgress', [id, 'events', 'meta'], id, json);
  }

  updateData(id, json) {
    return this.run('updateData', [id], json);
  }

  log(id, line, keep = '') {
    return this.run('addLog', [id, `${id}:logs`], id, line, keep);
  }

  stacktrace(id, json, reason) {
    return this.run('saveStacktrace', [id], json, reason);
  }

  // What is asked about one.

  state(id, script = 'getStateV2') {
    return this.run(script, ['completed', 'failed', 'delayed', 'active', 'wait', 'paused',
      'waiting-children', 'prioritized'], id);
  }

  isFinished(id, withValue = '') {
    return this.run('isFinished', ['completed', 'failed', id], id, withValue);
  }

  // `map` is the scheduler, `opts` are the next job's.
  upsert(id, map, {at = 1000, next = '', data = '{}', template = {}, opts = {}, producer = ''} = {}) {
    return this.run('addJobScheduler', ['repeat', 'delayed', 'wait', 'paused', 'meta', 'prioritized',
      'marker', 'id', 'events', 'pc', 'active'],
    next, pack({name: 'tick', ...map}), id, data, pack(template), pack(opts), at, this.prefix, producer);
  }

  iterate(id, fetched, {at, next = 0, opts = {}}) {
    return this.run('updateJobScheduler', ['repeat', 'delayed', 'wait', 'paused', 'meta', 'prioritized',
      'marker', 'id', 'events', 'pc', fetched, 'active'],
    next, id, '{}', pack(opts), at, this.prefix, fetched);
  }

  // What operators do.

  pause(...event) {
    return this.run('pause', ['wait', 'paused', 'meta', 'prioritized', 'events', 'delayed', 'marker'],
      'paused', ...event);
  }

  resume(...event) {
    return this.run('pause', ['paused', 'wait', 'meta', 'prioritized', 'events', 'delayed', 'marker'],
      'resumed', ...event);
  }

  promote(id) {
    return this.run('promote', ['delayed', 'wait', 'paused', 'meta', 'prioritized', 'active', 'pc',
      'events', 'marker'], this.prefix, id);
  }

  changeDelay(id, delay, {at = 3000} = {}) {
    return this.run('changeDelay', ['delayed', 'meta', 'marker', 'events'], delay, at, id, this.key(id));
  }

  changePriority(id, priority, {lifo} = {}) {
    return this.run('changePriority', ['wait', 'paused', 'meta', 'prioritized', 'active', 'pc', 'marker'],
      priority, this.prefix, id, flags(lifo));
  }

  reprocess(id, as, {push = 'LPUSH', made, started} = {}) {
    return this.run('reprocessJob', [id, 'events', as, 'wait', 'meta', 'paused', 'active', 'marker'],
      id, push, FINISHED[as], as, flags(made), flags(started));
  }

  moveToWait(state, {count = 1000, highest = 1e15} = {}) {
    return this.run('moveJobsToWait', ['', 'events', state, 'wait', 'paused', 'meta', 'active', 'marker'],
      count, highest, state);
  }

  counts(...states) {
    return this.run('getCounts', [''], ...states);
  }

  countsPerPriority(...priorities) {
    return this.run('getCountsPerPriority', ['wait', 'prioritized'], ...priorities);
  }

  ranges(first, last, ascending, ...states) {
    return this.run('getRanges', [''], first, last, flags(ascending), ...states);
  }

  jobs(first, last, ascending, rounds, ...states) {
    return this.run('getJobs', [''], first, last, flags(ascending), rounds, ...states);
  }

  limitTtl(max = 0) {
    return this.run('getRateLimitTtl', ['limiter', 'meta'], max);
  }

  isMaxed() {
    return this.run('isMaxed', ['meta', 'active']);
  }

  isInList(list, id) {
    return this.run('isJobInList', [list], id);
  }

  dependencyCounts(id, ...kinds) {
    return this.run('getDependencyCounts', [`${id}:processed`, `${id}:dependencies`, `${id}:failed`,
      `${id}:unsuccessful`], ...kinds);
  }

  metrics(as, first = 0, last = -1) {
    return this.run('getMetrics', [`metrics:${as}`, `metrics:${as}:data`], first, last);
  }

  removeDedup(dedupId, id) {
    return this.run('removeDeduplicationKey', [`de:${dedupId}`], id);
  }

  scheduler(id) {
    return this.run('getJobScheduler', ['repeat'], id);
  }

  page(suffix, first, last, {cursor = 0, passed = 0, rounds = 5, jobs} = {}) {
    return this.run('paginate', [suffix], first, last, cursor, passed, rounds, ...jobs ? ['1'] : []);
  }

  remove(id, children) {
    return this.run('removeJob', [id, 'repeat'], id, flags(children), this.prefix);
  }

  removeChildDependency(id, parentKey) {
    return this.run('removeChildDependency', [''], this.key(id), parentKey);
  }

  removeUnprocessedChildren(id) {
    return this.run('removeUnprocessedChildren', [id, 'meta'], this.prefix, id);
  }

  clean(state, before, limit = 0) {
    return this.run('cleanJobsInSet', [state, 'events', 'repeat'], this.prefix, before, limit, state);
  }

  drain(delayed) {
    return this.run('drain', ['wait', 'paused', 'delayed', 'prioritized', 'repeat'], this.prefix, flags(delayed));
  }

  obliterate(count = 1000, force = '') {
    return this.run('obliterate', ['meta', ''], count, force);
  }

  removeOrphans(states, suffixes, ids) {
    return this.run('removeOrphanedJobs', [''], states.length, ...states, suffixes.length, ...suffixes, ...ids);
  }

  removeScheduler(id) {
    return this.run('removeJobScheduler', ['repeat', 'delayed', 'events'], id, this.prefix);
  }

  // What is there, in the words of Redis.

  hash(suffix) {
    return this.redis.hgetall(this.key(suffix));
  }

  list(suffix) {
    return this.redis.lrange(this.key(suffix), 0, -1);
  }

  async scores(suffix) {
    const flat = await this.redis.zrange(this.key(suffix), 0, -1, 'WITHSCORES');
    return Object.fromEntries(flat.flatMap((member, i) => (i % 2 ? [] : [[member, Number(flat[i + 1])]])));
  }

  // One text per event, its name first: "waiting jobId 1 prev active".
  async events() {
    const entries = await this.redis.xrange(this.key('events'), '-', '+');
    return entries.map(([, [, ...fields]]) => fields.join(' '));
  }

  async forgetEvents() {
    await this.redis.del(this.key('events'));
  }
}

// The same, but that jobs which complete together do so one after the other.
export class OneByOne extends ScriptQueue {
  finishAll(runs, options) {
    return Promise.all(runs.map(run =>
      this.finish(run.id, {...options, ...run, next: true}).catch(error => error)));
  }
}
