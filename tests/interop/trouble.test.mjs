// Our programs on bad days: odd jobs in the queue, and a Redis that is full, read-only, forgetful
// or killed. What was acknowledged is never lost, and everything else is a clear error.

import assert from 'node:assert/strict';
import {dirname, join} from 'node:path';
import {after, afterEach, before, beforeEach, describe, test} from 'node:test';
import {Queue} from 'bullmq6';
import {Redis} from 'ioredis';
import {RUNNABLE} from './lines.mjs';
import {startEmptyEngine} from '../support/empty_engine.mjs';
import {startProducer, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const NOOP = {BULLPEN_RUNNER: 'noop'};

let server, redis, queue, engine;

// Its engine has no image: what could run fails.
const failing = () => ({DOCKER_HOST: `unix://${engine.path}`});

// With its data on disk before it answers.
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

async function open(...options) {
  server = await startRedis(...options);
  engine = await startEmptyEngine(join(dirname(server.socket), 'nowhere.sock'));
  redis = new Redis(server.socket, {retryStrategy: () => 20});
  redis.on('error', () => {}); /* it is killed now and then */
  queue = new Queue('jobs', {connection: {path: server.socket}});
  queue.on('error', () => {});
  await queue.waitUntilReady();
}

async function close() {
  await stopAll();
  await queue.close();
  redis.disconnect();
  await engine.stop();
  await server.stop();
}

const completed = () => redis.zcard('bull:jobs:completed');
const failed = () => redis.zcard('bull:jobs:failed');
const scriptCalls = async () =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);

// POST, with the status and the headers.
const post = (producer, body) => fetch(`${producer.url}/v1/jobs`,
  {method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}});

async function refused(producer, pattern) {
  const response = await post(producer, RUNNABLE);
  assert.equal(response.status, 503);
  assert.match(response.headers.get('content-type'), /problem\+json/);
  assert.ok(Number(response.headers.get('retry-after')) >= 1);
  assert.match(JSON.stringify(await response.json()), pattern);
}

describe('odd jobs', {timeout: 120000}, () => {
  before(() => open());
  after(close);
  afterEach(stopAll);

  // A job as somebody may have written it, waiting for a worker.
  async function put(id, hash) {
    await redis.hset(`bull:jobs:${id}`, hash);
    await redis.lpush('bull:jobs:wait', id);
    await redis.zadd('bull:jobs:marker', 0, '0');
  }

  const WHOLE = {name: 'execute', data: JSON.stringify(RUNNABLE), opts: '{}', timestamp: '1', delay: '0', priority: '0'};
  const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  for (const [what, hash, reason] of [
    ['data that is no JSON', {data: '{"language":'}, /the job's data/],
    ['data that is no object', {data: '[1]'}, /object/],
    ['data that is a text', {data: '"code"'}, /object/],
    ['no data', {data: ''}, /data/],
    ['data nested five thousand deep', {data: nested}, /data/],
    ['ten megabytes of code', {data: JSON.stringify({language: 'bash', code: 'x'.repeat(10 << 20)})}, /code/],
    ['a field that is none of ours', {data: JSON.stringify({...RUNNABLE, command: 'x'})}, /command/],
    ['options that are no object', {opts: '[]'}, /nowhere\.sock/],
    ['options that are no JSON', {opts: 'none'}, /nowhere\.sock/],
    ['attempts that are no number', {opts: '{"attempts":"many"}'}, /nowhere\.sock/],
    ['a backoff that is nonsense', {opts: '{"attempts":2,"backoff":{"type":{},"delay":"x"}}'}, /nowhere\.sock/],
    ['numbers that are none', {timestamp: 'x', delay: '-', priority: '', atm: 'q', ats: 'r', stc: '?'}, /nowhere\.sock/],
    ['a stack trace that is no array', {stacktrace: '{}'}, /nowhere\.sock/],
    ['a parent that is gone', {parentKey: 'bull:other:9', parent: '{"id":"9","queueKey":"bull:other"}'}, /nowhere\.sock/],
    ['no name', {name: ''}, /nowhere\.sock/],
  ]) {
    test(`${what}: failed with a reason, and the next job runs`, async () => {
      await put('odd', {...WHOLE, ...hash});
      const worker = await startWorker(server.socket, failing(), '--concurrency', '1');
      await until(() => redis.zscore('bull:jobs:failed', 'odd'));
      const {failedReason, stacktrace} = await redis.hgetall('bull:jobs:odd');
      assert.match(failedReason, reason);
      assert.ok(failedReason.length < 2000, 'a reason is for people');
      assert.ok(JSON.parse(stacktrace).length >= 1);
      await put('next', WHOLE);
      await until(() => redis.zscore('bull:jobs:failed', 'next'));
      assert.equal(await redis.llen('bull:jobs:active'), 0);
      assert.equal(await worker.stop(), 0);
      await queue.obliterate({force: true});
    });
  }

  test('a worker that Redis does not let wait says so once, and still takes jobs', async () => {
    await redis.acl('SETUSER', 'default', '-bzpopmin');
    const worker = await startWorker(server.socket, NOOP);
    await until(() => /event=wait /.test(worker.log));
    for (const id of ['a', 'b']) {
      await put(id, WHOLE);
      await until(() => redis.zscore('bull:jobs:completed', id));
    }
    assert.match(worker.log, /level=warn event=wait error="NOPERM[^"]* 'bzpopmin'/);
    assert.equal(worker.log.match(/event=wait /g).length, 1);
    await redis.acl('SETUSER', 'default', '+@all');
    await queue.obliterate({force: true});
  });

  test('an id without a hash is passed over, and no hash is made up for it', async () => {
    await redis.lpush('bull:jobs:wait', 'ghost', 'ghost-2');
    await redis.zadd('bull:jobs:prioritized', 5, 'ghost-3');
    await redis.zadd('bull:jobs:delayed', 5, 'ghost-4');
    await redis.lpush('bull:jobs:active', 'ghost-5');
    await redis.sadd('bull:jobs:stalled', 'ghost-5');
    await put('real', WHOLE);
    await startWorker(server.socket, NOOP, '--stalled-interval', '100');
    await until(() => redis.zscore('bull:jobs:completed', 'real'));
    await until(async () => await redis.llen('bull:jobs:active') === 0);
    assert.deepEqual(await redis.keys('bull:jobs:ghost*'), []);
    assert.equal(await redis.zcard('bull:jobs:prioritized') + await redis.zcard('bull:jobs:delayed'), 0);
  });

  test('a job from the future is run now, and does not wait a negative time', async () => {
    await put('early', {...WHOLE, timestamp: String(Date.now() + 3600000)});
    await startWorker(server.socket, NOOP);
    await until(() => redis.zscore('bull:jobs:completed', 'early'));
    const {returnvalue} = await redis.hgetall('bull:jobs:early');
    assert.ok((JSON.parse(returnvalue).queueMs ?? 0) >= 0);
  });
});

describe('a Redis in trouble', {timeout: 240000}, () => {
  beforeEach(() => open(...DURABLE));
  afterEach(close);

  test('full: jobs are refused with 503, those that are there are run to their end', async () => {
    const producer = await startProducer(server.socket, {});
    const ids = [];
    for (let i = 0; i < 50; i++) ids.push((await producer.post(RUNNABLE)).jobId);
    await redis.config('SET', 'maxmemory', '1mb');
    await refused(producer, /memory|full|Redis/i);
    await startWorker(server.socket, NOOP);
    await until(async () => await completed() === ids.length);
    assert.equal((await producer.get(ids[49])).status, 'completed');
    await redis.config('SET', 'maxmemory', '0');
    const {jobId} = await producer.post(RUNNABLE);
    await until(async () => (await producer.get(jobId)).status === 'completed');
  });

  test('full while failing jobs are retried: each ends as it would have', async () => {
    await queue.addBulk(Array.from({length: 20}, (_, i) =>
      ({name: 'execute', data: RUNNABLE, opts: {attempts: 3, backoff: i % 2 ? 50 : 0}})));
    await redis.config('SET', 'maxmemory', '1mb');
    await startWorker(server.socket, failing());
    await until(async () => await failed() === 20);
    const job = await queue.getFailed(0, 0);
    assert.equal(job[0].attemptsMade, 3);
    await redis.config('SET', 'maxmemory', '0');
  });

  test('read-only: 503 and no spinning, and then on as before', async () => {
    const producer = await startProducer(server.socket, {});
    const worker = await startWorker(server.socket, NOOP, '--drain-delay', '100');
    await queue.addBulk(Array.from({length: 10}, () => ({name: 'execute', data: RUNNABLE})));
    await until(async () => await completed() === 10);
    await redis.replicaof('127.0.0.1', '1');
    await refused(producer, /READONLY|read.only|Redis/i);
    const before = await scriptCalls();
    await until(() => /READONLY/.test(worker.log));
    await new Promise(resolve => setTimeout(resolve, 1500)); /* what spins has thousands of calls by then */
    assert.ok(await scriptCalls() - before < 50, `${await scriptCalls() - before} calls`);
    await redis.replicaof('NO', 'ONE');
    const {jobId} = await producer.post(RUNNABLE);
    await until(async () => (await producer.get(jobId)).status === 'completed');
    assert.equal(await worker.stop(), 0);
  });

  test('forgetful: scripts flushed again and again in the middle of the work', async () => {
    const producer = await startProducer(server.socket, {});
    await startWorker(server.socket, NOOP);
    let flushes = 0, done = false;
    const flushing = (async () => {
      while (!done) {
        await redis.script('FLUSH');
        flushes++;
      }
    })();
    const ids = [];
    for (let i = 0; i < 200; i++) ids.push((await producer.post(RUNNABLE)).jobId);
    await until(async () => await completed() === ids.length);
    done = true;
    await flushing;
    assert.ok(flushes > 10);
    assert.equal(new Set(ids).size, 200);
  });

  test('killed in the middle of the work, and started again from its log', async () => {
    const producer = await startProducer(server.socket, {});
    const workers = [await startWorker(server.socket, NOOP, '--stalled-interval', '200', '--lock-duration', '500'),
      await startWorker(server.socket, NOOP, '--stalled-interval', '200', '--lock-duration', '500')];
    const acknowledged = new Set();
    let posting = true;
    const client = (async () => {
      while (posting) {
        const response = await post(producer, RUNNABLE).catch(() => null);
        if (response?.status === 202) acknowledged.add((await response.json()).jobId);
        else await new Promise(resolve => setTimeout(resolve, 5));
      }
    })();
    for (let i = 1; i <= 3; i++) {
      await until(() => acknowledged.size > i * 60);
      await server.restart('SIGKILL');
    }
    posting = false;
    await client;
    await until(async () => {
      const counts = await queue.getJobCounts();
      return counts.waiting + counts.active + counts.delayed + counts.prioritized === 0;
    });
    const ended = new Set([...await redis.zrange('bull:jobs:completed', 0, -1),
      ...await redis.zrange('bull:jobs:failed', 0, -1)]);
    assert.deepEqual([...acknowledged].filter(id => !ended.has(id)), []);
    for (const worker of workers) assert.equal(await worker.stop(), 0);
  });
});
