// Failing, retrying, stalling: each attempt is counted once, whichever side made it.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {HOPELESS, onBothLines, RUNNABLE} from './lines.mjs';
import {DEADLINE, until} from '../support/until.mjs';

const SLACK = 5000; /* ms that a busy machine may take for nothing */

onBothLines('attempts', at => {
  const ended = job => job.waitUntilFinished(at().events, DEADLINE);
  const stored = ({id}) => at().queue.getJob(id);

  // The times at which the job's attempts began, once it has failed.
  async function attemptTimes(job) {
    const {redis, queue} = at();
    await assert.rejects(ended(job));
    const entries = await redis.xrange(queue.toKey('events'), '-', '+');
    return entries.filter(([, [, event]]) => event === 'active').map(([id]) => parseInt(id, 10));
  }

  const waits = times => times.slice(1).map((time, i) => time - times[i]);

  test('attempts 0 and 1 both mean one run', async () => {
    await at().failing();
    for (const attempts of [0, 1]) {
      const job = await at().queue.add('execute', RUNNABLE, {attempts});
      await assert.rejects(ended(job), /nowhere\.sock/);
      assert.equal((await stored(job)).attemptsMade, 1);
    }
  });

  test('without a backoff the retries follow at once', async () => {
    at().listen('active', 'waiting', 'failed', 'retries-exhausted');
    await at().failing();
    const job = await at().queue.add('execute', RUNNABLE, {attempts: 3});
    await assert.rejects(ended(job), /nowhere\.sock/);
    await until(() => at().heard.length === 8);
    assert.deepEqual(at().heard.map(([name, {prev, attemptsMade}]) => [name, prev ?? attemptsMade]), [
      ['waiting', undefined], ['active', 'waiting'],
      ['waiting', 'active'], ['active', 'waiting'],
      ['waiting', 'active'], ['active', 'waiting'],
      ['failed', 'active'], ['retries-exhausted', '3'],
    ]);
    const {attemptsMade, attemptsStarted, stacktrace, failedReason} = await stored(job);
    assert.deepEqual([attemptsMade, attemptsStarted, stacktrace.length], [3, 3, 3]);
    assert.equal(stacktrace[2], failedReason);
  });

  test('a retried job goes to the back of the line, a lifo one to its front', async () => {
    const {queue} = at();
    for (const lifo of [false, true]) {
      at().heard.length = 0;
      const first = await queue.add('execute', RUNNABLE, {attempts: 2, lifo});
      const second = await queue.add('execute', RUNNABLE, {lifo});
      const [early, late] = lifo ? [second, first] : [first, second];
      if (!lifo) at().listen('active');
      const worker = await at().failing('--concurrency', '1');
      await until(() => at().idsOf('active').length === 3);
      assert.deepEqual(at().idsOf('active'),
        lifo ? [early.id, late.id, late.id] : [early.id, late.id, early.id]);
      await worker.stop();
    }
  });

  test('a fixed backoff waits as long each time', async () => {
    await at().failing();
    const job = await at().queue.add('execute', RUNNABLE, {attempts: 3, backoff: {type: 'fixed', delay: 200}});
    for (const wait of waits(await attemptTimes(job)))
      assert.ok(wait >= 200 && wait < 200 + SLACK, `${wait} ms`);
  });

  test('a backoff that is a number is a fixed one', async () => {
    await at().failing();
    const job = await at().queue.add('execute', RUNNABLE, {attempts: 2, backoff: 250});
    const [wait] = waits(await attemptTimes(job));
    assert.ok(wait >= 250 && wait < 250 + SLACK, `${wait} ms`);
  });

  test('an exponential backoff doubles', async () => {
    at().listen('delayed');
    await at().failing();
    const job = await at().queue.add('execute', RUNNABLE,
      {attempts: 4, backoff: {type: 'exponential', delay: 100}});
    const times = await attemptTimes(job);
    for (const [i, wait] of waits(times).entries())
      assert.ok(wait >= 100 * 2 ** i && wait < 100 * 2 ** i + SLACK, `${i}: ${wait} ms`);
    await until(() => at().heard.length === 3);
    for (const [i, [, {delay}]] of at().heard.entries())
      assert.ok(Math.abs(delay - times[i] - 100 * 2 ** i) < SLACK, 'the event tells when it is due');
  });

  test('jitter only ever shortens the wait', async () => {
    await at().failing();
    const job = await at().queue.add('execute', RUNNABLE,
      {attempts: 4, backoff: {type: 'fixed', delay: 300, jitter: 0.5}});
    for (const wait of waits(await attemptTimes(job)))
      assert.ok(wait >= 150 && wait < 300 + SLACK, `${wait} ms`);
  });

  test('a backoff that only some Node worker knows fails the job, and says so', async () => {
    await at().failing();
    const job = await at().queue.add('execute', RUNNABLE, {attempts: 3, backoff: {type: 'lunar', delay: 1}});
    await assert.rejects(ended(job), /nowhere\.sock.*this worker knows no backoff "lunar"/);
    assert.equal((await stored(job)).attemptsMade, 1);
  });

  test('what can never run fails at once, and its retries are not said to be exhausted', async () => {
    at().listen('failed', 'retries-exhausted');
    await at().failing();
    const hopeless = await at().queue.add('execute', HOPELESS, {attempts: 5});
    await assert.rejects(ended(hopeless), /there is no 'cobol'/);
    const last = await at().queue.add('execute', HOPELESS);
    await assert.rejects(ended(last));
    await until(() => at().heard.length === 3);
    assert.deepEqual(at().idsOf('failed'), [hopeless.id, last.id]);
    assert.deepEqual(at().idsOf('retries-exhausted'), [last.id]);
  });

  for (const [stackTraceLimit, kept] of [[0, 0], [1, 1], [undefined, 3]]) {
    test(`of three failed attempts, stackTraceLimit ${stackTraceLimit} keeps ${kept}`, async () => {
      await at().failing();
      const job = await at().queue.add('execute', RUNNABLE, {attempts: 3, stackTraceLimit});
      await assert.rejects(ended(job));
      assert.equal((await stored(job)).stacktrace.length, kept);
    });
  }

  test('attempts of both sides are counted together', async () => {
    const first = at().node(async () => { throw new Error('theirs'); });
    const job = await at().queue.add('execute', RUNNABLE, {attempts: 3, backoff: 300});
    await until(async () => (await stored(job)).attemptsMade === 1);
    await first.close();
    const ours = await at().failing();
    await until(async () => (await stored(job)).attemptsMade === 2);
    await ours.stop();
    at().node(async ({attemptsMade}) => attemptsMade);
    assert.equal(await ended(job), 2);
    const {stacktrace, failedReason} = await stored(job);
    assert.match(stacktrace[0], /theirs/);
    assert.match(stacktrace[1], /nowhere\.sock/);
    assert.match(failedReason, /nowhere\.sock/);
  });

  test('a job that failed is retried by Node, and completed by our worker', async () => {
    const failing = await at().failing();
    const job = await at().queue.add('execute', HOPELESS, {attempts: 2});
    await assert.rejects(ended(job));
    await failing.stop();
    await at().noop();
    await (await stored(job)).retry();
    await until(async () => await job.getState() === 'completed');
    const {finishedOn, attemptsMade} = await stored(job);
    assert.ok(finishedOn);
    assert.equal(attemptsMade, 2);
  });

  test('retryJobs of Node brings all failed ones back to our worker', async () => {
    const {queue} = at();
    const failing = await at().failing();
    const jobs = await queue.addBulk(Array.from({length: 20}, () => ({name: 'n', data: HOPELESS})));
    await until(async () => await queue.getFailedCount() === jobs.length);
    await failing.stop();
    await at().noop();
    await queue.retryJobs({state: 'failed'});
    await until(async () => await queue.getCompletedCount() === jobs.length);
    assert.equal(await queue.getFailedCount(), 0);
  });

  // A job whose worker is gone: taken by hand, with a lock that nobody extends.
  async function orphan(options) {
    const {queue} = at();
    const job = await queue.add('execute', RUNNABLE, options);
    const node = at().node(null, {lockDuration: 1, skipStalledCheck: true, autorun: false});
    await node.getNextJob('dead');
    return job;
  }

  for (const [taker, start] of [
    ['ours', () => at().noop('--stalled-interval', '200', '--max-stalled-count', '1')],
    ['theirs', () => at().node(async () => 1, {stalledInterval: 200, maxStalledCount: 1})],
  ]) {
    test(`a job that stalled once is run again, by ${taker}`, async () => {
      at().listen('stalled');
      const job = await orphan();
      await start();
      await ended(job);
      assert.deepEqual(at().idsOf('stalled'), [job.id]);
      const {stalledCounter, attemptsMade, attemptsStarted} = await stored(job);
      assert.deepEqual([stalledCounter, attemptsMade, attemptsStarted], [1, 1, 2]);
    });

    test(`a job that stalled more often than allowed is failed, by ${taker}`, async () => {
      const {redis, queue} = at();
      const job = await orphan({attempts: 9});
      await redis.hset(queue.toKey(job.id), 'stc', 1);
      await start();
      await assert.rejects(ended(job), /job stalled more than allowable limit/);
      const {stalledCounter, attemptsMade} = await stored(job);
      assert.deepEqual([stalledCounter, attemptsMade], [2, 1]);
      assert.equal(await redis.hget(queue.toKey(job.id), 'defa'), null);
    });
  }

  test('a job whose lock somebody took over is not ended by us', async () => {
    const {redis, queue} = at();
    const job = await orphan();
    await redis.set(queue.toKey(`${job.id}:lock`), 'another', 'PX', 60000);
    await at().noop('--stalled-interval', '200');
    const other = await queue.add('execute', RUNNABLE);
    await ended(other);
    assert.equal(await job.getState(), 'active');
  });
});
