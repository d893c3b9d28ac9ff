// The same random calls to BullMQ's commands and to ours: the answers and everything in Redis
// must be the same. Left out is only what we do better on purpose.
//
// SEED and STEPS in the environment choose the walk; a failure prints the seed and the calls.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts, readScripts} from '../support/scripts.mjs';
import {ScriptQueue} from './queue.mjs';

const SEED = Number(process.env.SEED ?? 1);
const STEPS = Number(process.env.STEPS ?? 150);
const ROUNDS = 8;

let server;
before(async () => {
  server = await startRedis();
});
after(() => server?.stop());

// mulberry32
function random(seed) {
  const below = n => {
    seed = (seed + 0x6D2B79F5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
  return {below, pick: list => list[below(list.length)], once: n => below(n) === 0};
}

// Each call goes to both sides.
class Pair {
  constructor(theirs, ours) {
    Object.assign(this, {sides: [theirs, ours], calls: []});
  }

  async call(name, ...args) {
    this.calls.push(`${name} ${JSON.stringify(args)}`);
    const replies = [];
    for (const side of this.sides) replies.push(await side[name](...args).catch(error => `error ${error.message}`));
    assert.deepEqual(...replies.map(comparable));
    return replies[1];
  }

  async redis(...command) {
    this.calls.push(command.join(' '));
    for (const side of this.sides) await side.redis.call(...command);
  }
}

// Field order and the milliseconds of a time to live are nobody's business.
function comparable(reply) {
  if (typeof reply === 'number' && reply > 1000) return 'ms';
  if (!Array.isArray(reply) || reply.length !== 4) return reply;
  const [flat, id, limit, next] = reply;
  const hash = flat && readHash(Object.fromEntries(flat.flatMap((f, i) => (i % 2 ? [] : [[f, flat[i + 1]]]))));
  return [hash, id, limit > 1000 ? 'ms' : limit, next];
}

function readHash(hash) {
  for (const field of ['opts', 'parent', 'pd']) if (hash[field]) hash[field] = JSON.parse(hash[field]);
  return hash;
}

const readers = {
  string: (redis, key) => redis.get(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: async (redis, key) => (await redis.smembers(key)).sort(),
  zset: (redis, key) => redis.zrange(key, 0, -1, 'WITHSCORES'),
  hash: async (redis, key) => readHash(await redis.hgetall(key)),
  stream: async (redis, key) => (await redis.xrange(key, '-', '+')).map(([, fields]) => fields.join(' ')),
};

async function everything(redis) {
  const all = {};
  for (const key of (await redis.keys('bull:q:*')).sort()) {
    const value = await readers[await redis.type(key)](redis, key);
    all[key] = {value, expires: (await redis.pttl(key)) > 0};
  }
  return all;
}

const dedupModes = [{}, {ttl: 100000}, {ttl: 100000, extend: true}, {replace: true},
  {replace: true, ttl: 100000}, {keepLastIfActive: true}];

const anId = r => r.pick([`${1 + r.below(30)}`, `${1 + r.below(30)}`, `c${r.below(6)}`, 'none']);

// What a walk may do. `state` remembers which jobs are running and who may be a parent.
const steps = {
  add: ({pair, state, r, now, adopts}) => {
    const kind = r.pick(['standard', 'delayed', 'priority', 'parent']);
    const opts = {attempts: r.below(3)};
    if (r.once(5)) opts.lifo = true;
    if (kind === 'delayed') opts.delay = r.pick([0, 1, 100, 5000]);
    if (kind === 'priority' || r.once(6)) opts.priority = r.pick([1, 2, 5]);
    if (r.once(4) && !(state.cleans && kind === 'parent')) opts.de = {id: `d${r.below(2)}`, ...r.pick(dedupModes.filter(mode => !mode.replace || state.replaces))};
    // Better on purpose: a replaced child leaves its parent, and a kept duplicate never
    // overwrites a job of its id.
    const parent = state.parents.length && !state.replaces && r.once(2)
      ? {key: r.pick(state.parents), flags: {[r.pick(['fpof', 'cpof', 'idof', 'rdof', 'none'])]: true}} : undefined;
    const id = !opts.de?.keepLastIfActive && (adopts || !parent) && r.once(6) ? `c${r.below(6)}` : '';
    return pair.call('add', opts, {id, parent, at: now, as: kind, name: `n${r.below(3)}`}).then(added => {
      if (kind === 'parent' && typeof added === 'string') state.parents.push(`bull:q:${added}`);
    });
  },
  fetch: async ({pair, state, now, fetching}) => {
    const options = {at: now, ...fetching()};
    state.note(await pair.call('fetch', options), options);
  },
  finish: async ({pair, state, r, now, fetching}) => {
    const {id, token} = state.take(r);
    const options = {at: now, ...fetching(), token, next: r.once(2), attempts: r.below(3),
      as: r.pick(['completed', 'completed', 'failed']), value: '{"v":1}', metrics: r.pick(['', 5]),
      keep: r.pick([{count: -1}, {count: 0}, {count: 2}, {age: 10}, {age: 100, count: 3}, {age: 1000, limit: 1}])};
    state.note(await pair.call('finish', id, options), options);
  },
  retry: ({pair, state, r, now}) => {
    const {id, token} = state.take(r);
    return pair.call('retry', id, {at: now, token, push: r.pick(['LPUSH', 'RPUSH']), fields: ['failedReason', 'x']});
  },
  delay: async ({pair, state, r, now, fetching}) => {
    const {id, token} = state.take(r);
    const next = r.once(2) && fetching();
    state.note(await pair.call('delay', id, r.pick([0, 10, 1000]), {at: now, token, skip: r.once(2), next}), next);
  },
  back: ({pair, state, r}) => {
    const {id, token} = state.take(r);
    return pair.call('back', id, {token});
  },
  waitForChildren: ({pair, state, r, now}) => {
    const {id, token} = state.take(r);
    return pair.call('waitForChildren', id, {token, at: now, child: r.pick(['', '', 'bull:q:3'])});
  },
  checkStalled: async ({pair, r, now}) => {
    await pair.redis('DEL', 'bull:q:stalled-check');
    const [suspect] = (await pair.sides[1].redis.smembers('bull:q:stalled')).sort();
    if (suspect && r.once(2)) await pair.redis('DEL', `bull:q:${suspect}:lock`);
    await pair.call('checkStalled', {at: now, max: r.below(3)});
  },
  ask: async ({pair, r}) => {
    const id = String(1 + r.below(20));
    await pair.call('state', id);
    await pair.call('isFinished', id, r.pick(['', '1']));
    const [first, last, ascending] = [r.below(4), r.pick([-1, 0, 2, 5]), r.once(2)];
    const states = ['wait', 'active', 'delayed', 'prioritized', 'completed', 'failed', 'waiting-children'];
    await pair.call('ranges', first, last, ascending, ...states);
    await pair.call('countsPerPriority', 0, 1, 2);
    await pair.call('limitTtl', r.pick([0, 1, 2]));
    await pair.call('isMaxed');
    await pair.call('isInList', 'wait', id);
    await pair.call('dependencyCounts', id, ...r.pick([['failed', 'processed'], ['unprocessed', 'ignored']]));
    await pair.call('metrics', 'completed', first, last);
    await pair.call('removeDedup', `d${r.below(2)}`, id);
    const rounds = 1 + r.below(5);
    const jobs = await Promise.all(pair.sides.map(side => side.jobs(first, last, ascending, rounds, ...states)));
    assert.deepEqual(...jobs.map(lists => lists.map(list => list.map(([name]) => name))));
    await pair.call('page', `${id}:processed`, 0, -1);
  },
  pause: ({pair, r}) => pair.call(r.pick(['pause', 'resume', 'resume']), ...r.pick([[], ['1'], ['0']])),
  promote: ({pair, r}) => pair.call('promote', anId(r)),
  changeDelay: ({pair, r, now}) => pair.call('changeDelay', anId(r), r.pick([0, 1, 3000]), {at: now}),
  changePriority: ({pair, r}) => pair.call('changePriority', anId(r), r.pick([0, 1, 2, 5]), {lifo: r.once(2)}),
  reprocess: async ({pair, r}) => {
    const id = anId(r);
    // Better on purpose: the priority is kept.
    if (Number(await pair.sides[1].redis.hget(`bull:q:${id}`, 'priority'))) return undefined;
    return pair.call('reprocess', id, r.pick(['completed', 'failed']),
      {push: r.pick(['LPUSH', 'RPUSH']), made: r.once(2), started: r.once(2)});
  },
  moveToWait: ({pair, r, state, adopts}) => {
    // Better on purpose than 6.2.0: children are put back under their parent.
    const from = state.parents.length && !adopts ? ['delayed'] : ['delayed', 'failed', 'completed'];
    return pair.call('moveToWait', r.pick(from), {count: 1 + r.below(4)});
  },
  remove: ({pair, r}) => pair.call('remove', anId(r), r.once(2)),
  separate: ({pair, r, state}) => state.parents.length
    && pair.call(...r.pick([['removeUnprocessedChildren', anId(r)],
      ['removeChildDependency', anId(r), r.pick(state.parents)]])),
  // Better on purpose: a parent that goes with its last child gives its deduplication id back.
  clean: ({pair, r, now, state}) => state.cleans && r.once(3) && pair.call('clean',
    r.pick(['wait', 'active', 'delayed', 'prioritized', 'completed', 'failed']), now - r.pick([0, 10, 2000]), r.below(4)),
  drain: ({pair, r, state}) => state.cleans && r.once(10) && pair.call('drain', r.once(2)),
  obliterate: ({pair, r, state}) => state.cleans && r.once(10) && pair.call('obliterate', 1000, r.pick(['', 'force'])),
  set: ({pair, r}) => {
    const [field, value] = r.pick([['paused', '1'], ['concurrency', '2'], ['paused'], ['concurrency'], ['paused']]);
    return value ? pair.redis('HSET', 'bull:q:meta', field, value) : pair.redis('HDEL', 'bull:q:meta', field);
  },
};

async function walk(pair, seed, {leaveOut = [], limiter, adopts}) {
  const r = random(seed);
  let now = 1795225557484;
  const active = [];
  const state = {
    parents: [],
    replaces: r.once(2), // this walk has duplicates that replace, or flows
    cleans: r.once(2), // this walk cleans up, or has parents with a deduplication id
    note(reply, options) {
      if (Array.isArray(reply) && reply[1]) active.push({id: reply[1], token: options.token});
    },
    // Mostly a job that runs, under its token; at times another, or under another token.
    take() {
      if (!active.length || r.once(10)) return {id: r.pick(['1', '2', 'c1', 'none']), token: r.pick(['t0', '0'])};
      const [job] = active.splice(r.below(active.length), 1);
      if (!r.once(12)) return job;
      active.push(job);
      return {...job, token: 'other'};
    },
  };
  const fetching = () => ({token: `t${r.below(3)}`, name: r.once(3) ? 'w' : undefined,
    limiter: limiter && r.once(6) ? {max: 2, duration: 60000} : undefined});
  const names = Object.keys(steps).filter(name => !leaveOut.includes(name));
  names.push('add', 'fetch', 'fetch', 'finish', 'finish');
  for (let i = 0; i < STEPS; i++) {
    if (r.once(3)) now += r.pick([1, 10, 2000, 60000]);
    await steps[r.pick(names)]({pair, state, r, now, fetching, adopts});
    assert.deepEqual(...await Promise.all(pair.sides.map(side => everything(side.redis))));
  }
}

// 6.7.0 has no `paused` among the keys of moveToDelayed. 6.2.0 counts jobs that are only to
// be failed in its limiter, and gives no parent to a known job whose own is gone.
for (const [version, name, options] of [
  ['6.2.0', 'bullmq62', {limiter: false, adopts: false}],
  ['6.7.0', 'bullmq6', {limiter: true, adopts: true, leaveOut: ['delay', 'reprocess']}],
]) {
  describe(`BullMQ ${version} and we`, async () => {
    const scripts = readScripts();
    for (let round = 0; round < ROUNDS; round++) {
      const seed = SEED * 1000 + round;
      test(`agree_on_the_walk_of_seed_${seed}`, async () => {
        const {Queue} = await import(name);
        const [theirs, ours] = [1, 2].map(db => new Redis(server.socket, {db, maxRetriesPerRequest: null}));
        const pair = new Pair(new ScriptQueue(theirs, 'bull:q:', script => `${script}:${version}`),
          new ScriptQueue(defineScripts(ours, undefined, scripts)));
        const queue = new Queue('another', {connection: theirs});
        try {
          await queue.waitUntilReady(); // that defines its commands
          await Promise.all([theirs.flushdb(), ours.flushdb()]);
          await walk(pair, seed, options);
        } catch (error) {
          error.message += `\nThe last calls:\n${pair.calls.slice(-12).join('\n')}`;
          throw error;
        } finally {
          await queue.close();
          for (const client of [theirs, ours]) client.disconnect();
        }
      });
    }
  });
}
