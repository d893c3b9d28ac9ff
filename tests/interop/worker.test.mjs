// What our worker is told by its flags, in BullMQ's words, and what it does when answers are
// lost.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect, createServer} from 'node:net';
import {test} from 'node:test';
import {onBothLines, RUNNABLE} from './lines.mjs';
import {startWorker, stopAll} from '../support/programs.mjs';
import {DEADLINE, until} from '../support/until.mjs';

onBothLines('a worker', at => {
  const ended = job => job.waitUntilFinished(at().events, DEADLINE);
  const stored = ({id}) => at().queue.getJob(id);
  const add = (opts, data = {}) => at().queue.add('execute', data, opts);
  const addMany = (count, opts) =>
    at().queue.addBulk(Array.from({length: count}, () => ({name: 'execute', data: {}, opts})));

  test('--limiter: no more jobs begin in its time, whichever worker of ours or Node\'s takes them', async () => {
    const [max, duration] = [3, 700];
    const jobs = await addMany(10);
    const flags = ['--limiter-max', `${max}`, '--limiter-duration', `${duration}`];
    await Promise.all([at().noop(...flags), at().noop(...flags)]);
    at().node(async () => 1, {limiter: {max, duration}});
    for (const job of jobs) await ended(job);
    const starts = (await Promise.all(jobs.map(stored))).map(job => job.processedOn).sort();
    for (let i = max; i < starts.length; i++)
      assert.ok(starts[i] - starts[i - max] >= duration * 0.9, `${starts}`); // clocks of two processes
  });

  test('--maximum-rate-limit-delay: a long limit is asked about again before its end', async () => {
    const [first, second] = await addMany(2);
    await at().noop('--limiter-max', '1', '--limiter-duration', '600000', '--maximum-rate-limit-delay', '200');
    await ended(first);
    await at().redis.del(at().queue.toKey('limiter'));
    await ended(second);
  });

  test('--max-started-attempts: a job that begins too often fails without being run', async () => {
    const job = await add({attempts: 5});
    await at().redis.hset(at().queue.toKey(job.id), 'ats', 3);
    await at().noop('--max-started-attempts', '3');
    await assert.rejects(ended(job), /job started more than allowable limit/);
    const {attemptsMade, attemptsStarted} = await stored(job);
    assert.deepEqual([attemptsMade, attemptsStarted], [1, 4]);
  });

  test('--max-started-attempts: the last start allowed is no cause for another', async () => {
    const job = await add({attempts: 5}, RUNNABLE);
    await at().failing('--max-started-attempts', '2');
    await assert.rejects(ended(job), /nowhere\.sock/);
    assert.equal((await stored(job)).attemptsMade, 2);
  });

  test('--remove-on-complete, --remove-on-fail: for jobs that do not say themselves', async () => {
    const isThere = async job => Boolean(await stored(job));
    at().listen('completed', 'failed');
    const jobs = [...await addMany(4), await add({removeOnComplete: true}), await add({removeOnComplete: false})];
    await at().noop('--remove-on-complete-count', '2', '--concurrency', '1');
    await until(() => at().idsOf('completed').length === jobs.length);
    assert.deepEqual(await Promise.all(jobs.map(isThere)), [false, false, true, true, false, true]);
    await stopAll();
    const failing = [await add({}, RUNNABLE), await add({removeOnFail: false}, RUNNABLE)];
    await at().failing('--remove-on-fail-count', '0');
    await until(() => at().idsOf('failed').length === failing.length);
    assert.deepEqual(await Promise.all(failing.map(isThere)), [false, true]);
  });

  test('--remove-on-complete-age: what is older goes when another job ends', async () => {
    const [old] = await addMany(1);
    const worker = await at().noop('--remove-on-complete-age', '60');
    await ended(old);
    await at().redis.zadd(at().queue.toKey('completed'), Date.now() - 61000, old.id);
    const [young] = await addMany(1);
    await ended(young);
    assert.equal(await stored(old), undefined);
    assert.ok(await stored(young));
    await worker.stop();
  });

  test('--progress: a job says who runs it', async () => {
    at().listen('progress');
    await at().noop('--progress', '--name', 'seen');
    const job = await add();
    await ended(job);
    await until(() => at().heard.length === 1);
    assert.deepEqual(at().heard[0][1], {jobId: job.id, data: {stage: 'running', worker: 'seen'}});
    assert.deepEqual((await stored(job)).progress, {stage: 'running', worker: 'seen'});
  });

  test('stackTraceLimit keeps as many as with Node, of the newest', async () => {
    const limits = [undefined, 0, 1, 2];
    const counts = async start => {
      const jobs = await Promise.all(limits.map(stackTraceLimit => add({attempts: 3, stackTraceLimit}, RUNNABLE)));
      const worker = await start();
      for (const job of jobs) await assert.rejects(ended(job));
      await (worker.stop?.() ?? worker.close());
      return Promise.all(jobs.map(async job => (await stored(job)).stacktrace.length));
    };
    const nodes = await counts(() => at().node(async () => { throw new Error('no'); }));
    assert.deepEqual(await counts(() => at().failing()), nodes);
  });

  test('options of a retried job stay as they were, telemetry and unknown ones, too', async () => {
    const job = await add({attempts: 2, telemetry: {metadata: 'trace', omitContext: true}, unknown: [{a: 1.5}]}, RUNNABLE);
    const opts = await at().redis.hget(at().queue.toKey(job.id), 'opts');
    await at().failing();
    await assert.rejects(ended(job));
    assert.equal(await at().redis.hget(at().queue.toKey(job.id), 'opts'), opts);
  });

  // A Redis whose answers can be lost: the link breaks instead of the first one that `loses`.
  async function lossyRedis() {
    const path = `${at().socket}.lossy`;
    const proxy = {loses: () => false, lost: 0};
    const server = createServer(client => {
      const redis = connect(at().socket);
      const end = () => { client.destroy(); redis.destroy(); };
      client.on('data', data => redis.write(data)).on('close', end).on('error', end);
      redis.on('close', end).on('error', end).on('data', data => {
        if (!proxy.loses(data.toString())) return client.write(data);
        proxy.loses = () => false;
        proxy.lost += 1;
        return end();
      });
    }).listen(path);
    await once(server, 'listening');
    at().keep({close: () => server.close()});
    return Object.assign(proxy, {path});
  }

  const STALLED = ['--stalled-interval', '600000'];
  const startLossy = (redis, ...args) => startWorker(redis.path, {BULLPEN_RUNNER: 'noop'},
    '--queue', at().name, ...STALLED, ...args);

  async function expectOneRunEach(jobs) {
    for (const job of jobs) await ended(job);
    for (const job of await Promise.all(jobs.map(stored)))
      assert.deepEqual([job.attemptsStarted, job.attemptsMade, job.stalledCounter], [1, 1, 0]);
  }

  test('a job whose fetch was answered to nobody is run, once, and not left to the stalled check', async () => {
    const redis = await lossyRedis();
    const worker = await startLossy(redis, '--concurrency', '1');
    redis.loses = answer => answer.includes('"find":"me"');
    const job = await add({}, {find: 'me'});
    await expectOneRunEach([job]);
    assert.equal(redis.lost, 1);
    assert.match(worker.log, /event=reclaimed job=1/);
  });

  test('so is one that was to come with the end of another, and that end is stored once', async () => {
    const redis = await lossyRedis();
    redis.loses = answer => answer.includes('"find":"me"');
    const jobs = [await add(), await add({}, {find: 'me'}), await add()];
    await startLossy(redis, '--concurrency', '1');
    await expectOneRunEach(jobs);
    assert.equal(redis.lost, 1);
  });

  // How often the worker had several jobs end in one call.
  async function countTogether(run) {
    await at().redis.config('RESETSTAT');
    await run();
    return Number(/cmdstat_ltrim:calls=(\d+)/.exec(await at().redis.info('commandstats'))?.[1] ?? 0);
  }

  test('jobs that end together are told, stored and followed as if each had ended alone', async () => {
    at().listen('active', 'completed', 'drained');
    const ids = (await addMany(400)).map(({id}) => id);
    const calls = await countTogether(async () => {
      await at().noop('--concurrency', '16');
      await until(() => at().heard.some(([name]) => name === 'drained'));
    });
    assert.ok(calls > 10, `only ${calls} calls`);
    assert.deepEqual(at().idsOf('active'), ids);
    assert.deepEqual(at().idsOf('completed').sort(), ids.toSorted());
    assert.equal(at().heard.filter(([name]) => name === 'drained').length, 1);
    assert.deepEqual((await Promise.all(ids.map(id => at().queue.getJob(id)))).map(job =>
      [job.attemptsStarted, job.attemptsMade, job.returnvalue.status]), ids.map(() => [1, 1, 'completed']));
    assert.deepEqual(await at().redis.keys('*:lock'), []);
  });

  test('when the answer for several was lost, each is stored once and what was to come is run once', async () => {
    const redis = await lossyRedis();
    const jobs = await addMany(300);
    const lost = await add({}, {find: 'me'});
    redis.loses = answer => answer.includes('"find":"me"');
    const calls = await countTogether(async () => {
      await startLossy(redis, '--concurrency', '8');
      await expectOneRunEach([...jobs, lost, ...await addMany(20)]);
    });
    assert.ok(calls > 10, `only ${calls} calls`);
    assert.equal(redis.lost, 1);
  });
});
