// A worker whose engine is away takes no jobs, which would only fail, and goes on when it is back.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, test} from 'node:test';
import {Client} from './client.mjs';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {startProxy} from '../support/proxy.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const JOBS = 6;
const echo = {language: 'bash', code: 'echo done', timeoutMs: 10000};
const patient = {attempts: 3, backoff: {type: 'fixed', delay: 100}};

describe('with its engine away', {timeout: 120000}, () => {
  let docker, redis, client, door;

  before(async () => {
    docker = engine();
    redis = await startRedis();
    client = await Client.open(redis.socket, 'away');
    door = `${redis.socket}.door`;
  });
  afterEach(stopAll);
  after(async () => {
    await client.close();
    await redis.stop();
  });

  const open = () => startProxy(door, docker.DOCKER_HOST.replace('unix://', ''), () => {});
  const start = (...flags) => startWorker(redis.socket, {...docker, DOCKER_HOST: `unix://${door}`},
    '--queue', 'away', '--concurrency', '1', '--drain-delay', '200', ...flags);

  for (const flags of [['--warm', '0'], ['--warm', '2']]) {
    test(`a worker ${flags.join(' ')} leaves jobs alone until it is back`, async () => {
      let proxy = await open();
      const worker = await start(...flags);
      assert.equal((await client.run(echo)).output, 'done');
      await proxy.stop();
      const jobs = await client.queue.addBulk(Array.from({length: JOBS}, () => ({name: 'execute', data: echo, opts: patient})));
      await until(() => worker.log.includes('event=fetching-stopped'));
      proxy = await open();
      await until(async () => (await client.queue.getJobCounts('completed', 'failed')).completed % (JOBS + 1) === 0);
      const ended = await Promise.all(jobs.map(({id}) => client.queue.getJob(id)));
      assert.deepEqual(ended.map(({returnvalue}) => returnvalue?.output), Array(JOBS).fill('done'));
      // One job at most was in the worker's hands when the engine went.
      assert.ok(ended.filter(({attemptsMade}) => attemptsMade > 1).length <= 1, ended.map(({attemptsMade}) => attemptsMade).join());
      assert.equal(await worker.stop(), 0);
      await proxy.stop();
      await client.queue.obliterate();
    });
  }

  test('a worker that starts without one takes no job, and stops well', async () => {
    const worker = await start();
    const job = await client.queue.add('execute', echo, {attempts: 1});
    await until(() => worker.log.includes('event=fetching-stopped'));
    assert.equal(await worker.stop(), 0);
    assert.equal(await job.getState(), 'waiting');
    assert.equal((await client.queue.getJob(job.id)).attemptsStarted, 0);
    await client.queue.obliterate();
  });
});
