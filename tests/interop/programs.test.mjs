// Our programs and BullMQ's classes on one queue, in both directions, for each line of BullMQ.

import assert from 'node:assert/strict';
import {after, afterEach, before, describe, test} from 'node:test';
import * as bullmq5 from 'bullmq5';
import * as bullmq6 from 'bullmq6';
import {Redis} from 'ioredis';
import {engine, startProducer, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';
import {DEADLINE, until} from '../support/until.mjs';

for (const [line, {Queue, QueueEvents, Worker}] of Object.entries({bullmq5, bullmq6})) {
  describe(`${line}, with our programs`, {timeout: 240000}, () => {
    let redis, docker, queue, events, connection, client;

    before(async () => {
      docker = engine();
      redis = await startRedis();
      connection = {path: redis.socket, maxRetriesPerRequest: null};
      client = new Redis(redis.socket);
      queue = new Queue('jobs', {connection});
      events = new QueueEvents('jobs', {connection});
      await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
    });
    afterEach(stopAll);
    after(async () => {
      await events.close();
      await queue.close();
      client.disconnect();
      await redis.stop();
    });

    test('a job that Node adds is run by our worker, and waitUntilFinished has its result', async () => {
      const worker = await startWorker(redis.socket, docker, '--name', 'ours');
      const job = await queue.add('execute', {language: 'python', code: 'print(2 + 2)'});
      const result = await job.waitUntilFinished(events, DEADLINE);
      assert.equal(result.output, '4');
      assert.equal(result.exitCode, 0);
      assert.equal(result.verdict, 'ok');
      const stored = await queue.getJob(job.id);
      assert.equal(await stored.getState(), 'completed');
      assert.deepEqual(stored.returnvalue, result);
      assert.equal(stored.attemptsMade, 1);
      assert.equal(stored.processedBy, 'ours');
      assert.ok(stored.finishedOn >= stored.processedOn);
      assert.equal(await worker.stop(), 0);
    });

    test('dashboards see our worker while it is there', async () => {
      const worker = await startWorker(redis.socket, docker, '--name', 'seen');
      const [info] = await until(async () => {
        const workers = await queue.getWorkers();
        return workers.length && workers;
      });
      assert.match(info.rawname, /^bull:am9icw==:w:seen$/);
      assert.equal(await worker.stop(), 0);
      await until(async () => (await queue.getWorkers()).length === 0);
    });

    test('QueueEvents hears a job of ours from its adding to its end', async () => {
      const heard = [];
      for (const name of ['added', 'waiting', 'active', 'completed'])
        events.on(name, ({jobId, prev, name: jobName, returnvalue}) =>
          heard.push([name, jobId, jobName ?? prev, returnvalue?.output]));
      const producer = await startProducer(redis.socket, docker);
      const worker = await startWorker(redis.socket, docker);
      const {jobId, status} = await producer.post({language: 'bash', code: 'echo hi'});
      assert.equal(status, 'queued');
      await until(() => heard.some(([name]) => name === 'completed'));
      assert.deepEqual(heard.filter(([, id]) => id === jobId), [
        ['added', jobId, 'execute', undefined],
        ['waiting', jobId, undefined, undefined],
        ['active', jobId, 'waiting', undefined],
        ['completed', jobId, 'active', 'hi'],
      ]);
      events.removeAllListeners();
      await worker.stop();
      await producer.stop();
    });

    test('a job posted to us is run by a Node Worker, and our GET has its result', async () => {
      const producer = await startProducer(redis.socket, docker);
      const {jobId} = await producer.post({language: 'python', code: 'x', priority: 3, metadata: {a: 1}});
      assert.equal((await producer.get(jobId)).status, 'queued');
      let release;
      const held = new Promise(resolve => { release = resolve; });
      const taken = [];
      const worker = new Worker('jobs', async job => {
        taken.push(job);
        await held;
        return {output: 'from node', exitCode: 0};
      }, {connection});
      await until(async () => (await producer.get(jobId)).status === 'running');
      release();
      const done = await until(async () => {
        const got = await producer.get(jobId);
        return got.status === 'completed' && got;
      });
      assert.deepEqual([done.output, done.exitCode, done.metadata], ['from node', 0, {a: 1}]);
      const [job] = taken;
      assert.equal(job.name, 'execute');
      assert.deepEqual(job.data, {language: 'python', code: 'x', metadata: {a: 1}});
      assert.equal(job.opts.attempts, 3);
      assert.deepEqual(job.opts.backoff, {type: 'exponential', delay: 1000});
      assert.equal(job.opts.removeOnComplete.age, 3600);
      assert.equal(job.opts.removeOnFail.age, 86400);
      assert.equal(job.priority, 3);
      await worker.close();
      await producer.stop();
    });

    test('metadata are found however they are written, and are not what only mentions them', async () => {
      const producer = await startProducer(redis.socket, docker);
      const rows = [
        ['{"language":"python","code":"x"}', undefined],
        ['{"language":"python","code":"x","metadata":[1]}', [1]],
        ['{"language":"python","code":"x","m\\u0065tadata":[2]}', [2]],
        ['{"language":"python","code":"\\"metadata\\":[3]"}', undefined],
        ['{"metadata":[4]', undefined],
        ['not JSON, metadata', undefined],
      ];
      for (const [data, metadata] of rows) {
        const {jobId} = await producer.post({language: 'python', code: 'x', metadata: 0});
        await client.hset(`bull:jobs:${jobId}`, 'data', data);
        const got = await producer.get(jobId);
        await queue.remove(jobId);
        assert.deepEqual([got.status, got.metadata], ['queued', metadata], data);
      }
      await producer.stop();
    });

    test('what a Node Worker throws is the error our GET gives', async () => {
      const producer = await startProducer(redis.socket, docker);
      const worker = new Worker('jobs', async () => { throw new Error('no luck'); },
        {connection, settings: {backoffStrategy: () => 0}});
      const job = await queue.add('execute', {language: 'python', code: 'x'});
      const failed = await until(async () => {
        const got = await producer.get(job.id);
        return got.status === 'failed' && got;
      });
      assert.equal(failed.error, 'no luck');
      await worker.close();
      await producer.stop();
    });

    test('a return value that is no object of ours is given as it is', async () => {
      const producer = await startProducer(redis.socket, docker);
      const worker = new Worker('jobs', async () => [1, 'two'], {connection});
      const job = await queue.add('execute', {});
      const done = await until(async () => {
        const got = await producer.get(job.id);
        return got.status === 'completed' && got;
      });
      assert.deepEqual(done.returnvalue, [1, 'two']);
      await worker.close();
      await producer.stop();
    });

    test('data that can never run fails at once, in spite of attempts, and Node hears why', async () => {
      const worker = await startWorker(redis.socket, docker);
      const job = await queue.add('execute', {language: 'cobol', code: 'x'}, {attempts: 5});
      await assert.rejects(job.waitUntilFinished(events, DEADLINE), /there is no 'cobol'/);
      const stored = await queue.getJob(job.id);
      assert.equal(stored.attemptsMade, 1);
      assert.equal(stored.stacktrace.length, 1);
      await worker.stop();
    });

    test('our failures are retried as the job says: attempts, backoff, then failed', async () => {
      const worker = await startWorker(redis.socket, {...docker, DOCKER_HOST: 'unix:///nowhere.sock'});
      const job = await queue.add('execute', {language: 'bash', code: 'echo'},
        {attempts: 3, backoff: {type: 'fixed', delay: 300}});
      const began = Date.now();
      await assert.rejects(job.waitUntilFinished(events, DEADLINE), /nowhere\.sock/);
      assert.ok(Date.now() - began >= 600);
      const stored = await queue.getJob(job.id);
      assert.equal(stored.attemptsMade, 3);
      assert.equal(stored.stacktrace.length, 3);
      assert.equal(await worker.stop(), 0);
    });

    test('priorities of jobs from both sides go in one order', async () => {
      const producer = await startProducer(redis.socket, docker);
      await queue.pause();
      const code = 'echo';
      const ids = {};
      ids.ten = (await producer.post({language: 'bash', code, priority: 10})).jobId;
      ids.two = (await queue.add('execute', {language: 'bash', code}, {priority: 2})).id;
      ids.none = (await producer.post({language: 'bash', code})).jobId;
      ids.alsoTwo = (await producer.post({language: 'bash', code, priority: 2})).jobId;
      ids.one = (await queue.add('execute', {language: 'bash', code}, {priority: 1})).id;
      const order = [];
      events.on('active', ({jobId}) => order.push(jobId));
      const worker = await startWorker(redis.socket, docker, '--concurrency', '1', '--drain-delay', '200');
      await queue.resume();
      await until(() => order.length === 5);
      assert.deepEqual(order, [ids.none, ids.one, ids.two, ids.alsoTwo, ids.ten]);
      events.removeAllListeners();
      await worker.stop();
      await producer.stop();
    });

    test('a delayed job of Node is run by us when it is due', async () => {
      const worker = await startWorker(redis.socket, docker);
      const job = await queue.add('execute', {language: 'bash', code: 'echo late'}, {delay: 700});
      const result = await job.waitUntilFinished(events, DEADLINE);
      assert.equal(result.output, 'late');
      const stored = await queue.getJob(job.id);
      assert.ok(stored.processedOn - stored.timestamp >= 700);
      await worker.stop();
    });

    test('removeOnComplete of Node is honoured', async () => {
      const worker = await startWorker(redis.socket, docker);
      const job = await queue.add('execute', {language: 'bash', code: 'echo gone'},
        {removeOnComplete: true});
      const result = await job.waitUntilFinished(events, DEADLINE);
      assert.equal(result.output, 'gone');
      assert.equal(await queue.getJob(job.id), undefined);
      await worker.stop();
    });

    test('a job of our killed worker is recovered by a Node Worker', async () => {
      const worker = await startWorker(redis.socket, {...docker, BULLPEN_LOCK_DURATION_MS: '500'});
      const job = await queue.add('execute', {language: 'bash', code: 'sleep 2'});
      await until(async () => await job.getState() === 'active');
      await worker.stop('SIGKILL');
      const node = new Worker('jobs', async () => 'recovered', {connection, stalledInterval: 300});
      assert.equal(await job.waitUntilFinished(events, DEADLINE), 'recovered');
      await node.close();
    });

    test('a job that a Node Worker left behind is recovered by ours', async () => {
      const node = new Worker('jobs', () => new Promise(() => {}),
        {connection, lockDuration: 500, stalledInterval: 60000, skipLockRenewal: true});
      node.on('error', () => {});
      const job = await queue.add('execute', {language: 'bash', code: 'echo ours now'});
      await until(async () => await job.getState() === 'active');
      await node.close(true);
      const worker = await startWorker(redis.socket, docker, '--stalled-interval', '300');
      assert.equal((await job.waitUntilFinished(events, DEADLINE)).output, 'ours now');
      await worker.stop();
    });
  });
}
