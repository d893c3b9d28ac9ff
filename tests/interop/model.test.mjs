// Random operations of Node and C clients on one queue; after each the queue must be sound.
//
// A failure names its seed: MODEL_SEED=7 repeats that sequence (times are real, so that what is
// due differs a little), MODEL_STEPS sets its length.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';
import * as bullmq5 from 'bullmq5';
import * as bullmq6 from 'bullmq6';
import {Redis} from 'ioredis';
import {CClient, Driver, NodeClient} from './clients.mjs';
import {randomOf} from '../support/random.mjs';
import {startRedis} from '../support/redis.mjs';

const STEPS = Number(process.env.MODEL_STEPS ?? 10000);
const SEEDS = process.env.MODEL_SEED ? [Number(process.env.MODEL_SEED)] : Array.from({length: 20}, (_, i) => i + 1);
const MOST_JOBS = 25;
const TRACED = Number(process.env.MODEL_TRACE ?? 40); /* calls that a failure shows */
const invariants = readFileSync(new URL('invariants.lua', import.meta.url), 'utf8');

// Refusals that a client must expect on a queue where others work: locks lost, jobs gone, held or
// elsewhere, children not ended. Anything else is a finding. Node's errors carry the script's code.
const isExpected = error => error.code < 0 || /lock|gone|not in the|child|no job|could not be/i.test(error.message);

// A client whose calls are noted.
function traced(client, kind, trace) {
  return new Proxy(client, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...args) => {
        trace.push(`${kind}.${name}(${args.map(arg => JSON.stringify(arg)).join(', ')})`);
        return value.apply(target, args);
      };
    },
  });
}

// A random walk. `states` is where each job is now, `held` who holds which lock.
class Walk {
  constructor(seed, redis, name, driver, node) {
    Object.assign(this, {redis, name, driver, random: randomOf(seed), states: new Map(), doomed: [], held: new Map(),
      trace: []});
    this.clients = [traced(new CClient(driver), 'c', this.trace), traced(node, 'node', this.trace)];
    this.base = `bull:${name}:`;
    this.tokens = 0;
    this.excused = true; /* nobody has to have set the base marker */
    this.due = '';
  }

  int(below) { return Math.floor(this.random() * below); }
  chance(share) { return this.random() < share; }
  pick(array) { return array[this.int(array.length)]; }
  client() { return this.pick(this.clients); }
  node() { return this.clients[1]; }
  idIn(...states) { return this.pick([...this.states].filter(([, s]) => states.includes(s)).map(([id]) => id)); }

  options() {
    const opts = {};
    if (this.chance(0.3)) opts.priority = this.pick([1, 1, 2, 10, 2097151]);
    if (this.chance(0.25)) opts.delay = 1 + this.int(30);
    if (this.chance(0.15)) opts.lifo = true;
    if (this.chance(0.15)) opts.jobId = `j${this.int(8)}`;
    if (this.chance(0.3)) opts.removeOnComplete = this.pick([true, 2, {age: 0, count: 1}]);
    if (this.chance(0.3)) opts.removeOnFail = this.pick([true, 2]);
    return opts;
  }

  deduplication() {
    const modes = [{}, {ttl: 20}, {ttl: 20, extend: true}, {replace: true},
      {ttl: 30, extend: true, replace: true}, {keepLastIfActive: true}];
    const mode = this.int(modes.length);
    return {id: `d${mode}`, ...modes[mode]};
  }

  async fetch(client = this.client()) {
    const token = `t${this.tokens += 1}`;
    const id = await client.fetch(token);
    if (id) this.held.set(token, {client, id});
    return id;
  }

  // One that is held does what `how` says with its client; the next job may come back.
  async end(how) {
    const token = this.pick([...this.held.keys()]);
    if (!token) return;
    const {client} = this.held.get(token);
    this.held.delete(token);
    const id = await how(client, token);
    this.next = typeof id === 'string';
    if (this.next) this.held.set(token, {client, id});
  }

  async onJob(states, what) {
    const id = this.idIn(...states);
    if (id !== undefined) await what(id, this.states.get(id));
  }

  operations = [
    [14, 'add', () => this.states.size < MOST_JOBS && this.client().add(this.options())],
    [4, 'addDeduplicated', () => this.states.size < MOST_JOBS
      && this.node().add({...this.options(), jobId: undefined, deduplication: this.deduplication()})],
    [2, 'addFamily', () => this.states.size < MOST_JOBS && this.node().family(
      Array.from({length: 1 + this.int(3)}, () => this.pick([{}, {failParentOnFailure: true},
        {ignoreDependencyOnFailure: true}, {removeDependencyOnFailure: true}, {continueParentOnFailure: true}])))],
    [14, 'fetch', () => this.fetch()],
    [6, 'wake', () => this.wake()],
    [10, 'complete', () => this.end((client, token) => client.complete(token, this.chance(0.5)))],
    [5, 'fail', () => this.end((client, token) => client.fail(token, this.chance(0.5)))],
    [4, 'retry', () => this.end((client, token) => client.retry(token, this.pick([0, 0, 5, 20]), this.chance(0.5)))],
    [3, 'release', () => this.end((client, token) => client.release(token))],
    [3, 'extend', () => {
      const token = this.pick([...this.held.keys()]);
      return token && this.held.get(token).client.extend(token);
    }],
    [2, 'loseLock', () => this.onJob(['active'], id => this.redis.del(`${this.base}${id}:lock`))],
    [4, 'recover', async () => {
      await this.redis.del(`${this.base}stalled-check`);
      await this.client().recover();
    }],
    [2, 'pause', () => this.client().pause(true)],
    [4, 'resume', () => this.client().pause(false)],
    [3, 'promote', () => this.onJob(['delayed'], id => this.client().promote(id))],
    [1, 'promoteAll', () => this.client().promoteAll()],
    [4, 'reprocess', () => this.onJob(['completed', 'failed'], (id, state) =>
      this.client().reprocess(id, state === 'failed'))],
    [2, 'retryFailed', () => this.client().retryFailed()],
    [6, 'remove', () => this.onJob(['wait', 'paused', 'prioritized', 'delayed', 'completed', 'failed', 'active',
      'waiting-children'], id => this.client().remove(id))],
    [3, 'clean', () => this.client().clean(this.pick(['completed', 'failed', 'wait', 'delayed', 'prioritized', 'active']),
      1 + this.int(4))],
    [0.3, 'drain', () => this.client().drain(this.chance(0.3))],
    [2, 'changeDelay', () => this.onJob(['delayed'], id => this.node().changeDelay(id, this.int(20)))],
    [3, 'changePriority', () => this.onJob(['wait', 'prioritized', 'delayed', 'active'], id =>
      this.node().changePriority(id, {priority: this.pick([0, 1, 5]), lifo: this.chance(0.3)}))],
    [1, 'progress', () => this.onJob(['active', 'wait'], id => this.node().progress(id))],
    [1, 'log', () => this.onJob(['active', 'completed'], id => this.node().log(id))],
    [1, 'concurrency', () => this.client().concurrency(this.pick([0, 0, 1, 3]))],
  ];

  // As a sleeping worker: take a marker, and fetch when it says so.
  async wake() {
    const [member, score] = await this.redis.zpopmin(`${this.base}marker`);
    if (member !== undefined && Number(score) <= Date.now()) await this.fetch();
  }

  chosen() {
    let at = this.random() * this.operations.reduce((sum, [weight]) => sum + weight, 0);
    return this.operations.find(([weight]) => (at -= weight) < 0);
  }

  async step() {
    const [, name, operation] = this.chosen();
    this.next = false;
    try {
      await operation();
    } catch (error) {
      if (!isExpected(error)) throw new Error(`${name}: ${error.message}`, {cause: error});
    }
    await this.check(name);
  }

  async check(name) {
    const [problems, flat, doomed, base, due, marked] = await this.redis.soundness(this.base);
    const states = new Map(flat.flatMap((id, i) => (i % 2 ? [] : [[id, flat[i + 1]]])));
    assert.deepEqual(problems, [], name);
    for (const [id, state] of this.states)
      if (!states.has(id)) assert.ok(this.mayVanish(name, id, state), `${name}: job ${id} was ${state} and is gone`);
    /* A queue that was maxed gets no marker when a place falls free, nor one that was given back
       in front of its priority: whoever looks next finds it. */
    if (base === 1) this.excused = false;
    if (base === -2 || name === 'release') this.excused = true;
    assert.ok(base !== 0 || this.excused, `${name}: there is work, and no marker`);
    /* Who delays a job and takes the next one will ask again, and sets no marker. */
    if (due !== '' && !this.next && (this.due === '' || Number(due) < Number(this.due)))
      assert.ok(marked !== '' && Number(marked) <= Number(due) + 1, `${name}: due at ${due}, marked ${marked}`);
    Object.assign(this, {due, states, doomed});
    for (const [token, {id}] of this.held) if (!states.has(id)) this.held.delete(token);
  }

  // A Node Worker of 5.x fails a doomed job as it fetches it.
  mayVanish(name, id, state) {
    return ['remove', 'clean', 'drain'].includes(name) || this.doomed.includes(id) || state === 'completed' || state === 'failed'
      || (state === 'active' && ['complete', 'fail'].includes(name))
      || (state === 'delayed' && name === 'addDeduplicated');
  }

  // Both clients count what is there.
  async count() {
    const {driver} = this, {queue} = this.node();
    const there = state => [...this.states.values()].filter(each => each === state).length;
    const theirs = await queue.getJobCounts();
    const ours = await driver.ask('survey');
    for (const state of ['active', 'prioritized', 'delayed', 'completed', 'failed', 'waiting-children'])
      assert.deepEqual([ours[state], theirs[state]], [there(state), there(state)], state);
    assert.equal(ours.waiting, there('wait') + there('paused'));
  }
}

describe('random operations of both kinds of client', {timeout: 900000}, () => {
  let server;

  before(async () => { server = await startRedis(); });
  after(() => server.stop());

  for (const seed of SEEDS) {
    const [line, bullmq] = seed % 2 ? ['bullmq5', bullmq5] : ['bullmq6', bullmq6];
    test(`seed ${seed}: ${STEPS} steps with ${line}`, async () => {
      const name = `q${seed}`;
      const connection = {path: server.socket, maxRetriesPerRequest: null};
      const redis = new Redis(server.socket, {scripts: {soundness: {lua: invariants, numberOfKeys: 1}}});
      const driver = new Driver(server.socket, name);
      const node = new NodeClient(line, bullmq, name, connection);
      const walk = new Walk(seed, redis, name, driver, node);
      let steps = 0;
      try {
        for (; steps < STEPS; steps++) {
          walk.trace.splice(0, walk.trace.length - TRACED);
          await walk.step();
          if (steps % 50 === 0) await walk.count();
        }
      } catch (error) {
        throw new Error(`seed ${seed}, step ${steps}: ${error.message}\n${walk.trace.slice(-TRACED).join('\n')}`,
          {cause: error});
      } finally {
        await node.close();
        await driver.close();
        redis.disconnect();
      }
    });
  }
});
