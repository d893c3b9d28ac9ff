// A random walk over all commands of a queue, the same for whoever is asked: a seed decides.
// Left out is only what we do better on purpose; each such place says so.

import {randomOf} from '../support/random.mjs';

export function random(seed) {
  const next = randomOf(seed), below = n => Math.floor(next() * n);
  return {below, pick: list => list[below(list.length)], once: n => below(n) === 0};
}

const STATES = ['wait', 'active', 'delayed', 'prioritized', 'completed', 'failed', 'waiting-children'];
const FLAGS = ['fpof', 'cpof', 'idof', 'rdof', 'none'];
const DEDUP_MODES = [{}, {ttl: 100000}, {ttl: 100000, extend: true}, {keepLastIfActive: true},
  {keepLastIfActive: true, ttl: 100000}, {replace: true}, {replace: true, ttl: 100000},
  {replace: true, ttl: 100000, extend: true}];
const KEEPS = [{count: -1}, {count: 0}, {count: 2}, {age: 10}, {age: 100, count: 3}, {age: 1000, limit: 1}];

// `call(verb, ...)` asks the queue, `ask(command, ...)` Redis itself; `look(suffix)` gives what
// is there. `version` is whom we are compared with.
export class Walk {
  constructor({call, ask, look}, seed, version) {
    const r = random(seed);
    Object.assign(this, {call, ask, look, r, version, now: 1795225557484, running: [], parents: [],
      scheduled: [], patternTime: 0});
    this.replaces = r.once(2); // this walk has duplicates that replace, or flows
    this.cleans = r.once(2); // this walk cleans up, or has parents with a deduplication id
  }

  async step() {
    if (this.r.once(3)) this.now += this.r.pick([1, 10, 2000, 60000]);
    await steps[this.r.pick(this.version === '6.2.0' ? names : names67)](this);
  }

  anId() {
    const {r} = this;
    return r.pick([`${1 + r.below(30)}`, `${1 + r.below(30)}`, `c${r.below(6)}`, 'none',
      ...this.scheduled.slice(-3)]);
  }

  // Mostly a job that runs, under its token; at times another, or under another token.
  take() {
    const {r, running} = this;
    if (!running.length || r.once(10)) return {id: r.pick(['1', '2', 'c1', 'none']), token: r.pick(['t0', '0'])};
    const [job] = running.splice(r.below(running.length), 1);
    if (!r.once(12)) return job;
    running.push(job);
    return {...job, token: 'other'};
  }

  // Better on purpose than 6.2.0: a job that is only to be failed does not count in the limiter.
  fetching() {
    const {r, now} = this;
    return {at: now, token: `t${r.below(3)}`, name: r.once(3) ? 'w' : undefined,
      limiter: this.version !== '6.2.0' && r.once(6) ? {max: 2, duration: 60000} : undefined};
  }

  note(reply, token) {
    if (Array.isArray(reply) && reply[1]) this.running.push({id: reply[1], token});
  }
}

const steps = {
  async add(w) {
    const {r} = w;
    const kind = r.pick(['standard', 'delayed', 'priority', 'parent']);
    const opts = {attempts: r.below(3)};
    if (r.once(5)) opts.lifo = true;
    if (kind === 'delayed') opts.delay = r.pick([0, 1, 100, 5000]);
    if (kind === 'priority' || r.once(6)) opts.priority = r.pick([1, 2, 5]);
    if (r.once(4) && !(w.cleans && kind === 'parent'))
      opts.de = {id: `d${r.below(2)}`, ...r.pick(DEDUP_MODES.filter(mode => !mode.replace || w.replaces))};
    // Better on purpose: a replaced child leaves its parent, and a kept duplicate never
    // overwrites a job of its id. 6.2.0 gives no parent to a known job whose own is gone.
    const parent = w.parents.length && !w.replaces && r.once(2)
      ? {key: r.pick(w.parents), flags: {[r.pick(FLAGS)]: true}} : undefined;
    // Better on purpose: a job that is its own ancestor stays when its children are removed.
    const known = `c${r.below(6)}`;
    const mayAdopt = !parent || w.version !== '6.2.0' && !w.parents.includes(`bull:q:${known}`);
    const id = !opts.de?.keepLastIfActive && mayAdopt && r.once(6) ? known : '';
    const added = await w.call('add', opts, {id, parent, at: w.now, as: kind, name: `n${r.below(3)}`});
    if (kind === 'parent' && typeof added === 'string') w.parents.push(`bull:q:${added}`);
  },
  async fetch(w) {
    const options = w.fetching();
    w.note(await w.call('fetch', options), options.token);
  },
  async finish(w) {
    const {r} = w;
    const {id, token} = w.take();
    const as = r.pick(['completed', 'completed', 'failed']);
    w.note(await w.call('finish', id, {...w.fetching(), token, next: r.once(2), attempts: r.below(3), as,
      value: '{"v":1}', metrics: r.pick(['', 5]), keep: r.pick(KEEPS),
      fields: as === 'failed' ? ['failedReason', 'x', 'stacktrace', '["s"]'] : undefined}), token);
  },
  async finishAll(w) {
    const {r} = w;
    // Of jobs that complete together the stream is trimmed once.
    if ((await w.look('meta'))['opts.maxLenEvents'] !== '10000') return;
    const runs = Array.from({length: 2 + r.below(3)}, () => ({...w.take(), value: '{"v":2}'}));
    const replies = await w.call('finishAll', runs, {...w.fetching(), metrics: r.pick(['', '', '', 5]), keep: r.pick(KEEPS)});
    for (const [i, reply] of replies.entries()) w.note(reply, runs[i].token);
  },
  retry(w) {
    const {id, token} = w.take();
    return w.call('retry', id, {at: w.now, token, push: w.r.pick(['LPUSH', 'RPUSH']), fields: ['failedReason', 'x']});
  },
  async delay(w) {
    const {r} = w;
    const {id, token} = w.take();
    const next = r.once(2) && w.fetching();
    w.note(await w.call('delay', id, r.pick([0, 10, 1000]), {at: w.now, token, skip: r.once(2), next,
      fields: r.once(2) ? ['failedReason', 'x'] : undefined}), next?.token);
  },
  back(w) {
    const {id, token} = w.take();
    return w.call('back', id, {token});
  },
  waitForChildren(w) {
    const {id, token} = w.take();
    return w.call('waitForChildren', id, {token, at: w.now, child: w.r.pick(['', '', 'bull:q:3'])});
  },
  async checkStalled(w) {
    await w.ask('DEL', 'bull:q:stalled-check');
    const [suspect] = await w.look('stalled') ?? [];
    if (suspect && w.r.once(2)) await w.ask('DEL', `bull:q:${suspect}:lock`);
    await w.call('checkStalled', {at: w.now, max: w.r.below(3)});
  },
  async lock(w) {
    const {id, token} = w.r.pick([...w.running, {id: 'none', token: 't'}]);
    await w.call('extend', id, {token: w.r.pick([token, token, 'other'])});
    await w.call('extendAll', [id, 'none'], {token: w.r.pick([token, 'other'])});
    if (w.r.once(4)) await w.call('release', id, w.r.pick([token, 'other']));
  },
  async say(w) {
    const id = w.anId();
    await w.call('progress', id, '{"p":1}');
    await w.call('updateData', id, '{"new":1}');
    await w.call('log', id, 'line', w.r.pick(['', '1', '2']));
    await w.call('stacktrace', id, '["s"]', 'why');
  },
  async see(w) {
    const {r} = w;
    const id = w.anId();
    const [first, last, ascending] = [r.below(4), r.pick([-1, 0, 2, 5]), r.once(2)];
    await w.call('state', id, r.pick(['getState', 'getStateV2']));
    await w.call('isFinished', id, r.pick(['', '1']));
    await w.call('counts', ...STATES);
    await w.call('ranges', first, last, ascending, ...STATES);
    await w.call('jobs', first, last, ascending, 1 + r.below(5), ...STATES);
    await w.call('countsPerPriority', 0, 1, 2);
    await w.call('limitTtl', r.pick([0, 1, 2]));
    await w.call('isMaxed');
    await w.call('isInList', 'wait', id);
    await w.call('dependencyCounts', id, ...r.pick([['failed', 'processed'], ['unprocessed', 'ignored']]));
    await w.call('metrics', 'completed', first, last);
    await w.call('scheduler', `s${r.below(3)}`);
    await w.call('page', `${id}:processed`, 0, -1);
  },
  dedup: w => w.call('removeDedup', `d${w.r.below(2)}`, w.anId()),
  pause: w => w.call(w.r.pick(['pause', 'resume', 'resume']), ...w.r.pick([[], ['1'], ['0']])),
  promote: w => w.call('promote', w.anId()),
  changeDelay: w => w.call('changeDelay', w.anId(), w.r.pick([0, 1, 3000]), {at: w.now}),
  changePriority: w => w.call('changePriority', w.anId(), w.r.pick([0, 1, 2, 5]), {lifo: w.r.once(2)}),
  async reprocess(w) {
    const {r} = w;
    const id = w.anId();
    // Better on purpose: the priority is kept.
    if (Number((await w.look(id))?.priority)) return;
    await w.call('reprocess', id, r.pick(['completed', 'failed']),
      {push: r.pick(['LPUSH', 'RPUSH']), made: r.once(2), started: r.once(2)});
  },
  moveToWait(w) {
    // Better on purpose than 6.2.0: children are put back under their parent.
    const from = w.parents.length && w.version === '6.2.0' ? ['delayed'] : ['delayed', 'failed', 'completed'];
    return w.call('moveToWait', w.r.pick(from), {count: 1 + w.r.below(4)});
  },
  remove: w => w.call('remove', w.anId(), w.r.once(2)),
  separate: w => w.parents.length && w.call(...w.r.pick([['removeUnprocessedChildren', w.anId()],
    ['removeChildDependency', w.anId(), w.r.pick(w.parents)]])),
  async orphans(w) {
    // Better on purpose: only what was there is counted.
    const id = w.anId();
    if (await w.look(id)) await w.call('removeOrphans', STATES, ['logs', 'dependencies'], [id]);
  },
  // Better on purpose: a parent that goes with its last child gives its deduplication id back.
  clean: w => w.cleans && w.r.once(3) && w.call('clean', w.r.pick(STATES.slice(0, 6)),
    w.now - w.r.pick([0, 10, 2000]), w.r.below(4)),
  async drain(w) {
    // Better on purpose: of the jobs in `wait` it is the next run of a scheduler that stays.
    const waiting = await w.look('wait') ?? [];
    if (w.cleans && w.r.once(10) && !waiting.some(id => id.startsWith('repeat:'))) await w.call('drain', w.r.once(2));
  },
  obliterate: w => w.cleans && w.r.once(10) && w.call('obliterate', 1000, w.r.pick(['', 'force'])),
  async upsert(w) {
    const {r, now} = w;
    // Better on purpose: a next job that waits gives way while the queue is paused, too.
    if ((await w.look('meta'))?.paused) return;
    const id = `s${r.below(3)}`;
    const opts = {repeat: {count: 1}, ...r.pick([{}, {}, {priority: 2}, {lifo: true}, {de: {id: 'd0'}}])};
    const map = r.pick([{every: 1000}, {every: 2500}, {every: 2500, offset: 700}, {every: 1000, startDate: now + 5000},
      {every: 1000, startDate: now - 5000, limit: 3}, {pattern: 'p', tz: 'z', endDate: now + 1e6}]);
    // Better on purpose: a pattern that comes back to the time of a job that exists is refused,
    // or takes the place of one that ended. So each time is new, or that of the next job.
    const known = await w.look('repeat') ?? [];
    const next = r.once(3) && known.includes(id) ? Number(known[known.indexOf(id) + 1]) : now + (w.patternTime += 7);
    const reply = await w.call('upsert', id, map, {at: now, next, opts, data: r.pick(['{}', '{"t":1}']),
      template: r.pick([{}, {attempts: 2}])});
    if (Array.isArray(reply)) w.scheduled.push(reply[0]);
  },
  async iterate(w) {
    const [, id] = /^repeat:(.*):/.exec(w.scheduled.at(-1)) ?? [];
    if (!id) return;
    const next = await w.call('iterate', id, w.r.pick(w.scheduled.slice(-2)), {at: w.now,
      next: w.now + (w.patternTime += 7), opts: {repeat: {count: 2}, ...w.r.pick([{}, {priority: 1},
        {de: {id: 'd0'}}])}});
    if (next) w.scheduled.push(next);
  },
  removeScheduler: w => w.r.once(3) && w.call('removeScheduler', `s${w.r.below(3)}`),
  set(w) {
    // 6.7.0 raises in a fetch when there is a maximum without a duration.
    const settings = [['paused', '1'], ['concurrency', '2'], ['paused'], ['concurrency'], ['paused']];
    if (w.version !== '6.2.0') settings.push(['duration', '60000', 'max', '3'], ['max']);
    const setting = w.r.pick(settings);
    return w.ask(setting.length > 1 ? 'HSET' : 'HDEL', 'bull:q:meta', ...setting);
  },
};

const names = [...Object.keys(steps), 'add', 'add', 'fetch', 'fetch', 'fetch', 'finish', 'finish', 'finish'];
// 6.7.0 has no `paused` among the keys of moveToDelayed, and `prioritized` among reprocessJob's.
const names67 = names.filter(name => !['delay', 'reprocess'].includes(name));
