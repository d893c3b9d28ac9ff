// A worker that is killed at any step of a job leaves nothing behind after one sweep of another,
// and the job completes there.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {rm} from 'node:fs/promises';
import {after, afterEach, before, describe, test} from 'node:test';
import {Client} from '../interop/client.mjs';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {startProxy} from '../support/proxy.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const FLAGS = ['--queue', 'killed', '--lock-duration', '500', '--stalled-interval', '300', '--warm', '0'];

describe('a worker killed', {timeout: 120000}, () => {
  let docker, redis, client, proxy;

  before(async () => {
    docker = engine();
    redis = await startRedis();
    client = await Client.open(redis.socket, 'killed');
  });
  afterEach(async () => {
    await stopAll();
    await proxy?.stop();
    proxy = undefined;
  });
  after(async () => {
    await client.close();
    await redis.stop();
  });

  const containers = () => execFileSync('docker', ['ps', '-aq', '--filter', 'label=bullpen.queue=bull:killed'],
    {env: {...process.env, ...docker}, encoding: 'utf8'}).split('\n').filter(Boolean);

  for (const step of ['create', 'attach', 'start', 'ready', 'begun', 'ended']) {
    test(`as its engine has told it "${step}"`, async () => {
      const door = `${redis.socket}.${step}`;
      let victim, seen = false;
      proxy = await startProxy(door, docker.DOCKER_HOST.replace('unix://', ''), told => {
        if (told !== step || seen) return;
        seen = true;
        victim.child.kill('SIGKILL');
      });
      victim = await startWorker(redis.socket, {...docker, DOCKER_HOST: `unix://${door}`},
        '--name', 'victim', ...FLAGS);
      const job = client.run({language: 'bash', code: 'sleep 0.3; echo done', timeoutMs: 10000});
      await victim.exited;
      assert.ok(seen, 'it died before the step');
      await startWorker(redis.socket, docker, '--name', 'second', ...FLAGS);
      const {worker, stdout} = await job;
      assert.deepEqual([worker, stdout], ['second', 'done\n']);
      await until(() => containers().length === 0);
      await rm(door, {force: true});
    });
  }

  test('with sandboxes made ahead leaves none of them', async () => {
    const names = ['one', 'two'];
    const start = name => startWorker(redis.socket, docker, ...FLAGS, '--warm', '2', '--name', name);
    const victim = await start(names[0]);
    await client.run({language: 'bash', code: 'true'});
    await until(() => containers().length > 0);
    await victim.stop('SIGKILL');
    await until(() => containers().length === 0);
    const other = await start(names[1]);
    await client.run({language: 'bash', code: 'true'});
    await until(() => containers().length > 0);
    assert.equal(await other.stop(), 0);
    assert.deepEqual(containers(), []);
  });
});
