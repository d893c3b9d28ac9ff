// What the tests of single commands share: a Redis of their own, a queue in it, and jobs in the
// state a test begins with. Events and markers of how they got there are forgotten.

import assert from 'node:assert/strict';
import {after, before, beforeEach} from 'node:test';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts} from '../support/scripts.mjs';
import {everything} from './everything.mjs';
import {ScriptQueue} from './queue.mjs';

const {equal} = assert;
export let server, redis, q;

before(async () => {
  server = await startRedis();
  redis = defineScripts(new Redis(server.socket));
  q = new ScriptQueue(redis);
});
after(async () => {
  redis?.disconnect();
  await server?.stop();
});
beforeEach(() => redis.flushall());

export const fetched = reply => reply[1];
export const asObject = flat => Object.fromEntries(flat.flatMap((f, i) => (i % 2 ? [] : [[f, flat[i + 1]]])));
export const set = async suffix => (await redis.smembers(q.key(suffix))).sort();
export const exists = suffix => redis.exists(q.key(suffix));
export const meta = (...fields) => redis.hset(q.key('meta'), ...fields);
export const push = (suffix, ...ids) => redis.rpush(q.key(suffix), ...ids);

export async function quiet() {
  await q.forgetEvents();
  await redis.del(q.key('marker'));
}

// Jobs that wait in one way or another: their ids.
export async function given(...adds) {
  const ids = [];
  for (const [opts, more] of adds) ids.push(await q.add(opts, more));
  await quiet();
  return ids;
}

// A job that is active under the token t.
export async function running(opts = {}, more) {
  const [id] = await given([opts, more]);
  if (opts.delay) await redis.zadd(q.key('delayed'), 0, id);
  equal(fetched(await q.fetch()), id);
  await quiet();
  return id;
}

// A job that ended.
export async function ended(as = 'failed', opts = {}, more) {
  const id = await running(opts, more);
  equal(await q.finish(id, {as, value: as === 'failed' ? 'why' : '1'}), 0);
  await quiet();
  return id;
}

// A parent in waiting-children, and children of it that are active under the token t.
export async function family(flags = [{}], parentOpts = {}, parentMore = {}) {
  const parent = await q.add(parentOpts, {id: 'parent', isParent: true, ...parentMore});
  const key = q.key(parent);
  const children = [];
  for (const flag of flags) {
    children.push(await q.add({}, {parent: {key, flags: flag}}));
    await q.fetch();
  }
  await quiet();
  return {key, children};
}

// {id: [the states it is in]}, for every id in a state and every job that has a hash.
async function placesOfAll(queue) {
  const all = await everything(queue.redis);
  const places = {};
  const note = (id, ...states) => (places[id] ??= []).push(...states);
  for (const [key, {value}] of Object.entries(all)) {
    const id = key.slice(queue.prefix.length);
    if (value.name !== undefined && !/^(repeat|dn):[^:]*$/.test(id)) note(id);
  }
  const ids = (state, step) => (all[queue.key(state)]?.value ?? []).filter((_, i) => i % step === 0);
  for (const list of ['wait', 'paused', 'active']) for (const id of ids(list, 1)) note(id, list);
  for (const set of ['delayed', 'prioritized', 'completed', 'failed', 'waiting-children'])
    for (const id of ids(set, 2)) note(id, set);
  return [places, id => all[queue.key(id)]?.value.name !== undefined];
}

// Every job is in one state, and everything in a state is a job.
export async function everyJobOnce(queue = q) {
  const [places, isJob] = await placesOfAll(queue);
  for (const [id, states] of Object.entries(places)) {
    equal(states.length, 1, `${id} is in ${states.join(' and ') || 'no state'}`);
    assert(isJob(id), `${id} in ${states} has no hash`);
  }
}
