// finishJobs, which completes several jobs in one call, beside moveToFinished for one after the
// other: the answers and everything in Redis must be the same, down to the order of the events.
// SEED and STEPS in the environment choose the walks; a failure prints the last calls.

import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts} from '../support/scripts.mjs';
import {asHash, everything} from './everything.mjs';
import {OneByOne, ScriptQueue} from './queue.mjs';
import {random} from './walk.mjs';

const {equal, deepEqual} = assert;
const SEED = Number(process.env.SEED ?? 1);
const STEPS = Number(process.env.STEPS ?? 100);
const NOW = 1795225557484;
const KEEPS = [{count: -1}, {count: -1, age: 3600}, {count: 0}, {count: 3}, {count: 5, age: 2}, {age: 0},
  {count: -1, age: 1, limit: 2}];

let server, one, all;
before(async () => {
  server = await startRedis('--stream-node-max-entries', '5'); // so that trimming is seen
  const [first, second] = [1, 2].map(db => defineScripts(new Redis(server.socket, {db})));
  [one, all] = [new OneByOne(first), new ScriptQueue(second)];
});
beforeEach(() => both(side => side.redis.flushdb()));
after(async () => {
  for (const side of [one, all]) side?.redis.disconnect();
  await server?.stop();
});

const both = call => Promise.all([one, all].map(call));

// The milliseconds of a time to live are nobody's business, nor are an error's words.
function readable(reply) {
  if (reply instanceof Error) return /WRONGTYPE/.exec(reply.message)?.[0] ?? reply.message;
  if (!Array.isArray(reply)) return reply;
  const [hash, id, limit, due] = reply;
  return [hash && asHash(hash), id, limit && 'ms', due];
}

// Both ways; gives the replies, which are the same, and whether it was done in few calls: but
// for metrics only that trims a list.
async function finish(runs, options) {
  await one.redis.config('RESETSTAT');
  const replies = (await all.finishAll(runs, options)).map(readable);
  const together = /cmdstat_ltrim/.test(await one.redis.info('commandstats'));
  deepEqual(replies, (await one.finishAll(runs, options)).map(readable));
  return {replies, together};
}

async function compare() {
  deepEqual(...await both(side => everything(side.redis)));
}

// Jobs with the options `opts`, as many of them running as `running` says, and their runs.
async function given(opts, running) {
  await both(async side => {
    await side.redis.hset(side.key('meta'), 'opts.maxLenEvents', 10000);
    for (const each of opts) await side.add(each);
    for (let i = 0; i < running; i++) await side.fetch({token: `t${i}`});
    await side.forgetEvents();
    await side.redis.del(side.key('marker'));
  });
  return Array.from({length: running}, (_, i) => ({id: String(i + 1), token: `t${i}`, value: `"v${i}"`}));
}

const plain = count => Array.from({length: count}, () => ({}));
const does = (...command) => both(side => side.redis.call(...command));
const next = replies => replies.map(reply => (Array.isArray(reply) ? reply[1] : reply));

describe('jobs that complete together', () => {
  test('each_is_stored_and_brings_the_next_with_its_token', async () => {
    const runs = await given(plain(6), 3);
    const {replies, together} = await finish(runs, {name: 'w'});
    assert(together);
    deepEqual(next(replies), ['4', '5', '6']);
    equal(await all.redis.get(all.key('5:lock')), 't1');
    deepEqual(await all.list('active'), ['6', '5', '4']);
    deepEqual((await all.events()).slice(0, 3), ['completed jobId 1 returnvalue "v0" prev active',
      'active jobId 4 prev waiting', 'completed jobId 2 returnvalue "v1" prev active']);
    await compare();
  });

  test('those_with_a_priority_come_when_none_without_waits', async () => {
    const runs = await given([...plain(4), {priority: 2}, {priority: 1}, {priority: 1}], 3);
    const {replies, together} = await finish(runs);
    assert(together);
    deepEqual(next(replies), ['4', '6', '7']);
    await compare();
  });

  test('with_fewer_waiting_the_rest_gets_none', async () => {
    const runs = await given(plain(4), 3);
    const {replies} = await finish(runs);
    deepEqual(next(replies), ['4', 0, 0]);
    await compare();
  });

  test('the_last_of_all_says_drained_once', async () => {
    await finish(await given(plain(3), 3));
    equal((await all.events()).filter(event => event === 'drained').length, 1);
    await compare();
  });

  test('a_job_that_is_not_active_is_refused_and_takes_none', async () => {
    const runs = await given(plain(6), 3);
    await does('LREM', 'bull:q:active', 0, '2');
    const {replies, together} = await finish(runs);
    assert(together);
    deepEqual(next(replies), ['4', -3, '5']);
    await compare();
  });

  test('when_none_is_active_none_is_taken', async () => {
    const runs = await given(plain(6), 3);
    await does('DEL', 'bull:q:active');
    deepEqual(next((await finish(runs)).replies), [-3, -3, -3]);
    await compare();
  });

  test('an_attempt_that_was_made_before_counts', async () => {
    const runs = await given(plain(6), 3);
    await does('HSET', 'bull:q:2', 'atm', 4);
    assert((await finish(runs)).together);
    equal((await all.hash('2')).atm, '5');
    await compare();
  });

  const odd = [
    ['a_lost_lock', -2, ['DEL', 'bull:q:2:lock']],
    ['another_s_lock', -6, ['SET', 'bull:q:2:lock', 'another']],
    ['a_job_that_is_gone', -1, ['DEL', 'bull:q:2']],
    ['children_that_have_not_ended', -4, ['SADD', 'bull:q:2:dependencies', 'bull:q:c']],
    ['children_that_failed', -9, ['ZADD', 'bull:q:2:unsuccessful', 1, 'bull:q:c']],
    ['a_lock_that_is_no_text', 'WRONGTYPE', ['DEL', 'bull:q:2:lock'], ['RPUSH', 'bull:q:2:lock', 'x']],
    ['a_hash_that_is_none', 'WRONGTYPE', ['DEL', 'bull:q:2'], ['SET', 'bull:q:2', 'x']],
  ];
  for (const [name, refusal, ...commands] of odd) {
    test(`${name}_is_the_matter_of_that_job_alone`, async () => {
      const runs = await given(plain(6), 3);
      for (const command of commands) await does(...command);
      const {replies, together} = await finish(runs);
      assert(!together);
      deepEqual(next(replies), ['4', refusal, '5']);
      await compare();
    });
  }

  const settings = [
    ['a_paused_queue', [0, 0, 0], ['HSET', 'bull:q:meta', 'paused', '1']],
    ['a_maxed_queue', [0, '4', '5'], ['HSET', 'bull:q:meta', 'concurrency', '2']],
    ['a_limited_queue', ['4', '5', 0], ['HSET', 'bull:q:meta', 'max', '2', 'duration', '60000']],
    ['a_queue_without_settings', ['4', '5', '6'], ['DEL', 'bull:q:meta']],
    ['a_delayed_job_that_is_due', ['4', '5', '7'], ['LREM', 'bull:q:wait', 0, '6'], ['ZADD', 'bull:q:delayed', 4096, '6']],
    ['a_job_that_is_gone_and_waits', ['4', '6', '7'], ['DEL', 'bull:q:5']],
    ['a_job_that_runs_and_waits', ['2', -6, '4'], ['RPUSH', 'bull:q:wait', '2']],
    ['a_job_that_waits_twice', ['4', '4', '5'], ['RPUSH', 'bull:q:wait', '4']],
  ];
  for (const [name, expected, ...commands] of settings) {
    test(`${name}_is_served_one_after_the_other`, async () => {
      const runs = await given(plain(8), 3);
      for (const command of commands) await does(...command);
      const {replies, together} = await finish(runs, {at: NOW});
      assert(!together);
      deepEqual(next(replies), expected);
      await compare();
    });
  }

  test('the_limit_of_the_worker_holds', async () => {
    const runs = await given(plain(8), 3);
    const {replies, together} = await finish(runs, {limiter: {max: 1, duration: 60000}});
    assert(!together);
    deepEqual(next(replies), ['4', 0, 0]);
  });

  test('metrics_are_counted', async () => {
    await finish(await given(plain(8), 3), {metrics: 5});
    equal((await all.hash('metrics:completed')).count, '3');
    await compare();
  });

  test('the_same_job_twice_is_refused_once', async () => {
    const [first, second] = await given(plain(8), 2);
    const {replies} = await finish([first, second, second]);
    deepEqual(next(replies), ['3', '4', -2]);
    await compare();
  });

  test('jobs_that_are_not_kept_leave_nothing', async () => {
    const runs = await given(plain(6), 3);
    await does('RPUSH', 'bull:q:2:logs', 'a line');
    assert((await finish(runs, {keep: {count: 0}})).together);
    equal(await all.redis.exists(...['1', '2', '2:logs', '3', 'completed'].map(suffix => all.key(suffix))), 0);
    await compare();
  });

  test('as_many_are_kept_as_is_said', async () => {
    assert((await finish(await given(plain(6), 3), {keep: {count: 2}})).together);
    deepEqual(Object.keys(await all.scores('completed')), ['2', '3']);
    await compare();
  });

  test('the_old_ones_go', async () => {
    const runs = await given(plain(9), 6);
    await finish(runs.slice(0, 3), {at: 1000});
    assert(!(await finish(runs.slice(3), {at: 9000, keep: {age: 5}})).together);
    deepEqual(Object.keys(await all.scores('completed')), ['4', '5', '6']);
    await compare();
  });

  test('old_events_go_and_new_ones_stay', async () => {
    const runs = await given(plain(40), 5);
    await does('HSET', 'bull:q:meta', 'opts.maxLenEvents', 5);
    for (let i = 0; i < 20; i++) await does('XADD', 'bull:q:events', '*', 'event', 'old');
    assert((await finish(runs)).together);
    const events = await all.events();
    equal(events.filter(event => event === 'old').length, 5);
    equal(events.length, 15);
  });

  test('a_full_redis_lets_them_end', async () => {
    const runs = await given(plain(6), 3);
    await all.redis.config('SET', 'maxmemory', 1);
    const replies = await all.finishAll(runs).finally(() => all.redis.config('SET', 'maxmemory', 0));
    deepEqual(next(replies), ['4', '5', '6']);
  });

  for (const [way, command] of [['together', ['PING']], ['one_by_one', ['DEL', 'bull:q:meta']]]) {
    test(`what_redis_cannot_do_now_is_told_for_all_${way}`, async () => {
      const runs = await given(plain(6), 3);
      await does(...command);
      await all.redis.replicaof('127.0.0.1', 1);
      await assert.rejects(all.finishAll(runs), /^ReplyError: READONLY/);
      await all.redis.replicaof('NO', 'ONE');
      deepEqual(next(await all.finishAll(runs)), ['4', '5', '6']);
    });
  }
});

// A queue in all kinds of states. Half of the walks have nothing that has to be done one by one.
class Walk {
  constructor(seed) {
    const r = random(seed);
    Object.assign(this, {r, now: NOW, running: [], tokens: 0, together: 0, calls: [], spiced: r.once(2)});
  }

  do(verb, ...args) {
    this.calls.push(`${verb} ${JSON.stringify(args)}`);
    return both(side => (side[verb] ? side[verb](...args) : side.redis.call(verb, ...args)));
  }

  options() {
    const {r} = this;
    const opts = {};
    if (r.once(4)) opts.priority = r.pick([1, 1, 2, 9]);
    if (r.once(6)) opts.lifo = true;
    if (r.once(5)) opts.delay = r.pick(this.spiced ? [1, 100, 5000] : [1e8]);
    if (this.spiced && r.once(8)) opts.de = {id: `d${r.below(2)}`, ...r.pick([{}, {keepLastIfActive: true}])};
    return opts;
  }

  async add() {
    const {r} = this;
    const parent = this.spiced && r.once(10) ? {key: 'bull:q:parent'} : undefined;
    if (parent) await this.do('add', {}, {id: 'parent', isParent: true, at: this.now});
    for (let i = r.below(16); i >= 0; i--) await this.do('add', this.options(), {parent, at: this.now});
  }

  async fetch() {
    const {r} = this;
    for (let i = r.below(6); i >= 0; i--) {
      const token = `t${this.tokens++}`;
      const [reply] = await this.do('fetch', {token, at: this.now});
      if (reply[1]) this.running.push({id: reply[1], token});
    }
  }

  async finish() {
    const {r} = this;
    const runs = [];
    for (let i = 1 + r.below(8); i > 0 && this.running.length; i--) {
      const [run] = this.running.splice(r.below(this.running.length), 1);
      runs.push({...run, value: `{"v":${r.below(100)}}`, token: this.spiced && r.once(15) ? 'another' : run.token});
    }
    if (!runs.length) return;
    const options = {at: this.now, keep: r.pick(KEEPS), name: r.once(2) ? 'w' : undefined,
      metrics: this.spiced && r.once(5) ? 3 : '', limiter: this.spiced && r.once(8) ? {max: 3, duration: 1e7} : undefined};
    this.calls.push(`finish ${JSON.stringify([runs, options])}`);
    const {replies, together} = await finish(runs, options);
    this.together += together && runs.length > 1;
    for (const [i, reply] of replies.entries())
      if (reply[1]) this.running.push({id: reply[1], token: runs[i].token});
  }

  async retry() {
    if (!this.running.length) return;
    const [{id, token}] = this.running.splice(this.r.below(this.running.length), 1);
    await this.do('retry', id, {token, at: this.now});
  }

  // What others do meanwhile.
  async spice() {
    const {r} = this;
    const id = this.running.length ? r.pick(this.running).id : '1';
    await this.do(...r.pick([['pause'], ['resume'], ['resume'], ['DEL', `bull:q:${id}:lock`], ['DEL', `bull:q:${id}`],
      ['HSET', 'bull:q:meta', 'concurrency', 1 + r.below(6)], ['HDEL', 'bull:q:meta', 'concurrency'],
      ['HSET', 'bull:q:meta', 'max', 4, 'duration', 1e7], ['HDEL', 'bull:q:meta', 'max'], ['DEL', 'bull:q:limiter'],
      ['LREM', 'bull:q:active', 0, id], ['SADD', 'bull:q:stalled', id], ['moveToWait', 'completed', {count: 2}],
      ['DEL', `bull:q:${1 + r.below(60)}`], ['HDEL', 'bull:q:meta', 'opts.maxLenEvents'],
      ['ZADD', 'bull:q:1:unsuccessful', 1, 'c']]));
  }

  async step() {
    const {r} = this;
    if (r.once(3)) this.now += r.pick([1, 10, 2000, 60000]);
    if (this.spiced && r.once(4)) await this.spice();
    await this[r.pick(['add', 'add', 'fetch', 'retry', 'finish', 'finish', 'finish'])]();
    await compare();
  }
}

describe('a random queue', () => {
  for (let seed = SEED * 100; seed < SEED * 100 + 12; seed++) {
    test(`is_the_same_after_the_walk_of_seed_${seed}`, async () => {
      const walk = new Walk(seed);
      await does('HSET', 'bull:q:meta', 'opts.maxLenEvents', '10000');
      try {
        for (let i = 0; i < STEPS; i++) await walk.step();
      } catch (error) {
        error.message += `\nThe last calls:\n${walk.calls.slice(-12).join('\n')}`;
        throw error;
      }
      if (!walk.spiced) assert(walk.together > STEPS / 20, `only ${walk.together} calls were done together`);
    });
  }
});
