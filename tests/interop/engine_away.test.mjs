// A worker whose engine is away tries a job now and then, and goes on with all when it is back.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
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
    // What was created as the door closed: there is no other worker that would sweep it.
    const left = dockerCli('ps', '-aq', '--filter', 'label=bullpen.queue=bull:away').split('\n').filter(Boolean);
    if (left.length) dockerCli('rm', '-f', ...left);
    await client.close();
    await redis.stop();
  });

  const dockerCli = (...args) => execFileSync('docker', args, {env: {...process.env, ...docker}, encoding: 'utf8'});
  const open = () => startProxy(door, docker.DOCKER_HOST.replace('unix://', ''), () => {});
  const start = (...flags) => startWorker(redis.socket, {...docker, DOCKER_HOST: `unix://${door}`},
    '--queue', 'away', '--concurrency', '1', '--drain-delay', '200', ...flags);

  for (const flags of [['--warm', '0'], ['--warm', '2']]) {
    test(`a worker ${flags.join(' ')} leaves most jobs alone until it is back`, async () => {
      let proxy = await open();
      const worker = await start(...flags);
      assert.equal((await client.run(echo)).output, 'done');
      await proxy.stop();
      const jobs = await client.queue.addBulk(Array.from({length: JOBS}, () => ({name: 'execute', data: echo, opts: patient})));
      await until(() => worker.log.includes('event=fetching-slowly'));
      proxy = await open();
      await until(async () => (await client.queue.getJobCounts('completed', 'failed')).completed % (JOBS + 1) === 0);
      const ended = await Promise.all(jobs.map(({id}) => client.queue.getJob(id)));
      assert.deepEqual(ended.map(({returnvalue}) => returnvalue?.output), Array(JOBS).fill('done'));
      const attempts = ended.reduce((sum, {attemptsMade}) => sum + attemptsMade, 0);
      assert.ok(attempts < 2 * JOBS, `${attempts} attempts`);
      assert.equal(await worker.stop(), 0);
      await proxy.stop();
      await client.queue.obliterate();
    });
  }

  test('where there is none at all, jobs fail by their attempts and say why', async () => {
    const worker = await start();
    const {failedReason} = await client.run(echo, patient);
    assert.match(failedReason, /^engine_unavailable: .*\.door/);
    assert.match(worker.log, /event=fetching-slowly/);
    assert.equal(await worker.stop(), 0);
  });
});
