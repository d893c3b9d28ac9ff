// Bad days of Redis itself: full, a replica, killed and started again, a script cut short. No
// job is lost, none is in two states, and what is refused is refused whole.

import assert from 'node:assert/strict';
import {createServer} from 'node:net';
import {once} from 'node:events';
import {describe, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts} from '../support/scripts.mjs';
import {everyJobOnce, exists, family, given, q, redis, running, server as full} from './commands.mjs';
import {everything} from './everything.mjs';
import {ScriptQueue} from './queue.mjs';

const {equal, deepEqual} = assert;
const NOW = 50000;

describe('a full Redis', () => {
  async function whenFull(deed) {
    await redis.config('SET', 'maxmemory', '1');
    try {
      return await deed();
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  }

  const de = more => ({de: {id: 'd', ...more}});
  const ADDS = {
    'a job': () => q.add(),
    'a delayed job': () => q.add({delay: 5}),
    'a job with a priority': () => q.add({priority: 1}),
    'a parent': () => q.add({}, {isParent: true}),
    'a child': () => q.add({}, {parent: {key: q.key('parent')}}),
    'a known job as a child': () => q.add({}, {id: '1', parent: {key: q.key('parent')}}),
    'a duplicate': () => q.add(de()),
    'a duplicate that replaces': () => q.add({delay: 5, ...de({replace: true})}),
    'a duplicate that is kept': () => q.add(de({keepLastIfActive: true})),
    'a scheduler': () => q.upsert('new', {every: 1000}, {at: NOW}),
    'a change of a scheduler': () => q.upsert('s', {every: 7000}, {at: NOW}),
    'a scheduler\'s next job': () => q.iterate('s', `repeat:s:${NOW}`, {at: NOW}),
  };
  for (const [name, add] of Object.entries(ADDS)) {
    test(`refuses ${name}, and nothing has changed`, async () => {
      await family([{}]);
      await q.add({delay: 9e9, ...de()}, {id: 'winner'});
      await q.upsert('s', {every: 1000}, {at: NOW});
      const before = await everything(redis);
      await assert.rejects(whenFull(add), /OOM/);
      deepEqual(await everything(redis), before);
    });
  }

  const stalled = async id => {
    await redis.sadd(q.key('stalled'), id);
    await redis.del(q.key(`${id}:lock`));
  };
  const fields = ['failedReason', 'x'.repeat(1000)];
  // [what, what it takes, what is done, the answer]
  const ENDS = [
    ['a job completes', running, id => q.finish(id), 0],
    ['a job completes and is removed', running, id => q.finish(id, {keep: {count: 0}}), 0],
    ['a job completes and others are aged away', running, id => q.finish(id, {keep: {age: 1, count: 1}, metrics: 5}),
      0],
    ['jobs complete together', running, id => q.finishAll([{id}]), [0]],
    ['a job fails', running, id => q.fail(id, {fields}), 0],
    ['a job without a lock fails', () => running(), id => q.fail(id, {token: '0', fields}), 0],
    ['a job is retried', running, id => q.retry(id, {fields}), 0],
    ['a job without a lock is retried', running, id => q.retry(id, {token: '0', fields}), 0],
    ['a job with a priority is retried', () => running({priority: 2}), id => q.retry(id, {fields}), 0],
    ['a job is retried later', running, id => q.delay(id, 50, {fields}), 0],
    ['a job without a lock is retried later', running, id => q.delay(id, 50, {token: '0', fields}), 0],
    ['a job goes back to wait', running, id => q.back(id), 0],
    ['a job goes back to its priority', () => running({priority: 2}), id => q.back(id), 0],
    ['a lock is extended', running, id => q.extend(id), 1],
    ['locks are extended', running, id => q.extendAll([id]), []],
    ['a lock is released', running, id => q.release(id), 1],
    ['a stalled job comes back', () => running({}, {id: 's'}).then(async id => (await stalled(id), id)),
      () => q.checkStalled(), ['s']],
    ['a stalled job is given up', () => running({}, {id: 's'}).then(async id => (await stalled(id), id)),
      () => q.checkStalled({max: 0}), ['s']],
    ['the last child completes', () => family().then(({children}) => children[0]), id => q.finish(id), 0],
    ['a child fails its parent', () => family([{fpof: true}]).then(({children}) => children[0]), id => q.fail(id), 0],
    ['a job waits for its children', async () => {
      const id = await running();
      await q.add({}, {parent: {key: q.key(id)}});
      return id;
    }, id => q.waitForChildren(id), 0],
    ['a deduplication id is released', () => running(de()), id => q.finish(id), 0],
    ['a duplicate that was kept is added', async () => {
      const id = await running(de({keepLastIfActive: true}));
      await q.add(de({keepLastIfActive: true}));
      return id;
    }, id => q.finish(id), 0],
  ];
  for (const trimmed of [true, false]) {
    for (const [name, arrive, end, answer] of ENDS) {
      test(`${name} all the same${trimmed ? '' : ', without a word in meta'}`, async () => {
        const id = await arrive();
        if (!trimmed) await redis.del(q.key('meta'));
        deepEqual(await whenFull(() => end(id)), answer);
        await everyJobOnce();
      });
    }
  }

  test('lets jobs be taken, by the next fetch and with the end of another', async () => {
    const ids = await given([{}], [{priority: 3}], [{delay: 5}], [{}]);
    await redis.del(q.key('meta'));
    const seen = await whenFull(async () => {
      const [, first] = await q.fetch();
      const [, second] = await q.finish(first, {next: true});
      const [, third] = await q.delay(second, 5000, {next: {token: 't'}});
      await q.retry(third);
      const [, fourth] = await q.fetch();
      return [first, second, third, fourth];
    });
    deepEqual(new Set(seen), new Set(['1', '4', '3']));
    equal(ids.length, 4);
    await everyJobOnce();
  });

  test('can be paused and emptied', async () => {
    await running();
    await q.finish('1');
    await given([{}], [{}], [{delay: 5}], [{delay: 5}]);
    await whenFull(async () => {
      equal(await q.pause(), 0);
      equal(await q.promote('4'), 0);
      equal(await q.remove('2'), 1);
      equal(await q.moveToWait('completed'), 0);
      deepEqual(await q.clean('delayed', 9000), ['5']);
      await q.drain(true);
      equal(await q.resume(), 0);
      await q.pause();
      equal(await q.obliterate(1000, 'force'), 0);
    });
    equal(await redis.dbsize(), 0);
  });
});

// A port that was free a moment ago.
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function until(holds) {
  for (const deadline = Date.now() + 20000; !await holds(); await turn()) assert(Date.now() < deadline, 'in vain');
}

test('a replica refuses every change in one word, answers questions, and has not changed', async t => {
  const port = await freePort();
  const main = await startRedis('--port', port, '--repl-diskless-sync-delay', '0');
  t.after(() => main.stop());
  const replica = await startRedis('--replicaof', '127.0.0.1', port);
  t.after(() => replica.stop());
  const [writer, reader] = [main, replica].map(({socket}) => defineScripts(new Redis(socket, {retryStrategy: null})));
  t.after(() => [writer, reader].forEach(client => client.disconnect()));

  const own = new ScriptQueue(writer);
  for (const opts of [{}, {}, {delay: 90000}, {priority: 1}]) await own.add(opts);
  await own.fetch();
  await own.add({}, {id: 'parent', isParent: true});
  await own.upsert('s', {every: 1000}, {at: NOW});
  await until(async () => (await reader.info('replication')).includes('master_link_status:up')
    && await reader.exists('bull:q:repeat'));
  const before = await everything(reader);

  const there = new ScriptQueue(reader);
  const changes = [there.add(), there.add({delay: 1}), there.add({priority: 1}), there.add({}, {isParent: true}),
    there.fetch(), there.finish('1'), there.finishAll([{id: '1'}, {id: '2'}]), there.retry('1'), there.delay('1', 5), there.back('1'), there.checkStalled(),
    there.extend('1'), there.pause(), there.resume(), there.promote('3'), there.changePriority('4', 2),
    there.remove('2'), there.clean('wait', 9000), there.drain(true), there.moveToWait('delayed'), there.progress('1',
      '1'),
    there.updateData('1', '1'), there.log('1', 'x'), there.upsert('t', {every: 1000}, {at: NOW}),
      there.removeScheduler('s')];
  for (const [i, change] of (await Promise.allSettled(changes)).entries())
    assert.match(String(change.reason), /^ReplyError: READONLY /, `change ${i}`);
  equal(await there.state('1'), 'active');
  deepEqual(await there.counts('wait', 'delayed', 'prioritized', 'waiting-children'), [2, 1, 1, 1]);
  equal(await there.isFinished('1'), 0);
  equal((await there.jobs(0, -1, false, 5, 'wait'))[0].length, 2);
  deepEqual(await everything(reader), before);
});

// Adds, takes, ends, retries and delays jobs until Redis goes away; remembers what it was told.
async function traffic(queue, me, told) {
  try {
    for (let n = 0; ; n++) {
      const id = `${me}-${n}`;
      await queue.add(n % 3 ? {} : {priority: 2}, {id});
      told.added.add(id);
      const token = `${me}:${n}`;
      const [, taken] = await queue.fetch({at: 2000, token, lockDuration: 1e9});
      if (!taken) continue;
      if (n % 5 === 1) await queue.retry(taken, {token});
      else if (n % 5 === 2) await queue.delay(taken, 5, {token});
      else if (n % 5 !== 3 && await queue.finish(taken, {token}) === 0) told.completed.add(taken);
    }
  } catch (error) {
    assert.match(error.message, /Connection is closed|ECONN|EPIPE|LOADING/);
  }
}

for (const [name, signal, options] of [
  ['killed, with an append-only file', 'SIGKILL', ['--appendonly', 'yes', '--appendfsync', 'always']],
  ['shut down, with a snapshot', 'SIGTERM', ['--save', '3600', '1000000']],
]) {
  test(`a Redis that is ${name}, comes back in the middle of traffic with every job in one state`, async t => {
    const server = await startRedis(...options);
    t.after(() => server.stop());
    const told = {added: new Set(), completed: new Set()};
    const clients = Array.from({length: 8}, () => defineScripts(new Redis(server.socket, {retryStrategy: null})));
    const busy = clients.map((client, i) => traffic(new ScriptQueue(client.on('error', () => {})), `w${i}`, told));
    await until(() => told.completed.size > 100);
    await server.restart(signal);
    await Promise.all(busy);

    const client = defineScripts(new Redis(server.socket));
    t.after(() => client.disconnect());
    const queue = new ScriptQueue(client);
    const completed = await queue.scores('completed');
    for (const id of told.completed) assert(id in completed, `${id} had completed`);
    await everyJobOnce(queue);
    for (const id of told.added) equal(await client.exists(queue.key(id)), 1, `${id} was added`);

    // Whoever held locks is gone: their jobs run again, and all end.
    for (const lock of await client.keys('*:lock')) await client.del(lock);
    for (const _ of [1, 2]) {
      await client.del(queue.key('stalled-check'));
      await queue.checkStalled({at: 9000});
    }
    for (let reply = await queue.fetch({at: 9000}); reply[1]; reply = await queue.finish(reply[1], {next: true,
      at: 9000}));
    const all = Object.keys(await queue.scores('completed'));
    for (const id of told.added) assert(all.includes(id), `${id} ended`);
    await everyJobOnce(queue);
  });
}

test('a script that is killed has changed nothing, or cannot be killed and does its work', async () => {
  const many = 20000;
  await Promise.all(Array.from({length: many}, () => q.add()));
  await redis.config('SET', 'busy-reply-threshold', '1');
  const other = new Redis(full.socket);
  await other.ping();
  try {
    const outcome = q.clean('wait', 9000).then(ids => ids.length, error => {
      assert.match(error.message, /killed by user/);
      return 0;
    });
    let over = false;
    outcome.finally(() => { over = true; });
    while (!over) await other.script('KILL').catch(error => assert.match(error.message, /NOTBUSY|UNKILLABLE/));
    const removed = await outcome;
    assert([0, many].includes(removed), `${removed} were removed`);
    equal(await redis.llen(q.key('wait')), many - removed);
    equal(await exists('1'), removed ? 0 : 1);
  } finally {
    other.disconnect();
    await redis.config('SET', 'busy-reply-threshold', '5000');
  }
});
