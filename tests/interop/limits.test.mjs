// What holds jobs back: pausing, global concurrency, rate limits. Both sides obey what either says.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {onBothLines, RUNNABLE} from './lines.mjs';
import {DEADLINE, until} from '../support/until.mjs';

onBothLines('limits', (at, line) => {
  const add = (count, opts) => at().queue.addBulk(Array.from({length: count}, () =>
    ({name: 'execute', data: RUNNABLE, opts})));
  const completed = () => at().queue.getCompletedCount();

  // A Node Worker that holds each job it takes until it is released.
  function holding(options) {
    const held = [];
    const worker = at().node(job => new Promise(resolve => held.push({job, resolve})), options);
    return {worker, held, release: () => held.splice(0).forEach(({resolve}) => resolve('held'))};
  }

  // Our worker has been asked for work and has found none: it waits for a marker.
  async function waiting(worker) {
    const job = await at().queue.add('first', RUNNABLE);
    await job.waitUntilFinished(at().events, DEADLINE);
    await until(async () => /cmd=bzpopmin/.test(await at().redis.client('LIST')));
    return worker;
  }

  // Scripts are called again and again, and find nothing: our worker wakes up for a look.
  async function askedInVain() {
    const calls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await at().redis.info('commandstats'))[1]);
    const before = await calls();
    await until(async () => await calls() > before + 5);
  }

  test('nothing is taken from a paused queue, and all of it after the resume', async () => {
    const {queue} = at();
    await waiting(await at().noop('--drain-delay', '20'));
    await queue.pause();
    const jobs = await add(5);
    await add(5, {priority: 3});
    await askedInVain();
    assert.equal(await completed(), 1);
    await queue.resume();
    await until(async () => await completed() === 11);
    assert.equal(await jobs[0].getState(), 'completed');
  });

  test('a pause is seen at once: a worker in the middle of many jobs stops taking them', async () => {
    const {queue} = at();
    await queue.setGlobalRateLimit(50, 50); /* so that it is still in their middle */
    const worker = await at().noop('--concurrency', '1', '--drain-delay', '20');
    await add(20000);
    await until(async () => await completed() > 10);
    await queue.pause();
    await until(async () => await queue.getActiveCount() === 0);
    const done = await completed();
    assert.ok(done < 20000, 'the pause came too late to prove anything');
    await askedInVain();
    assert.equal(await completed(), done);
    await queue.removeGlobalRateLimit();
    await queue.resume();
    await until(async () => await completed() === 20000);
    assert.equal(await worker.stop(), 0);
  });

  test('a paused queue still takes due delayed jobs in, and runs them after the resume', async () => {
    const {queue} = at();
    await at().noop('--drain-delay', '100');
    await queue.pause();
    const job = await queue.add('n', {}, {delay: 100});
    await until(async () => await job.getState() === 'waiting');
    await queue.resume();
    await job.waitUntilFinished(at().events, DEADLINE);
  });

  test('jobs posted to us while Node has paused are all there after its resume', async () => {
    const {queue} = at();
    const producer = await at().producer();
    await add(3);
    await queue.pause();
    for (let i = 0; i < 3; i++) await producer.post(RUNNABLE);
    await queue.pause();
    await producer.post({...RUNNABLE, priority: 1});
    await queue.resume();
    await at().noop();
    await until(async () => await completed() === 7);
  });

  test('a global concurrency holds over both kinds of worker', async () => {
    const {queue} = at();
    await queue.setGlobalConcurrency(1);
    const {held, release} = holding();
    const [first, second] = await add(2);
    await until(() => held.length === 1);
    const ours = await at().noop('--concurrency', '4', '--drain-delay', '20');
    await askedInVain();
    assert.deepEqual([await first.getState(), await second.getState()], ['active', 'waiting']);
    assert.doesNotMatch(ours.log, /event=active/);
    for (const end = Date.now() + DEADLINE; await completed() < 2 && Date.now() < end;) {
      release();
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    assert.equal(await completed(), 2);
  });

  test('a place that a worker leaves behind is taken by ours when its block ends', async () => {
    const {queue} = at();
    await queue.setGlobalConcurrency(1);
    const {worker, held, release} = holding();
    await add(1);
    await until(() => held.length === 1);
    await at().noop('--drain-delay', '100');
    const [next] = await add(1);
    const closing = worker.close(); /* it takes no next one, and so nobody sets a marker */
    release();
    await closing;
    await until(async () => await next.getState() === 'completed');
  });

  test('a global rate limit holds for our worker', async () => {
    const {queue} = at();
    await queue.setGlobalRateLimit(3, 400);
    await at().noop('--concurrency', '2');
    await add(8);
    await until(async () => await completed() === 8);
    const jobs = await queue.getCompleted(0, -1);
    const starts = jobs.map(({processedOn}) => processedOn).sort((a, b) => a - b);
    assert.ok(starts[3] - starts[0] >= 390, `${starts[3] - starts[0]} ms`);
    assert.ok(starts[6] - starts[3] >= 390, `${starts[6] - starts[3]} ms`);
  });

  test('a manual rate limit of Node stops our worker as long as it says', async () => {
    const {queue} = at();
    await queue.setGlobalRateLimit(1000, 1000);
    await waiting(await at().noop());
    await queue.rateLimit(500);
    const began = Date.now();
    const [job] = await add(1);
    await job.waitUntilFinished(at().events, DEADLINE);
    const {processedOn} = await queue.getJob(job.id);
    assert.ok(processedOn - began >= 490, `${processedOn - began} ms`);
  });

  test('a rate limit taken away is no limit any more', async () => {
    const {queue} = at();
    await queue.setGlobalRateLimit(1, 60000);
    await add(2);
    const ours = await at().noop();
    await until(async () => await completed() === 1);
    await queue.removeGlobalRateLimit();
    await queue.removeRateLimitKey();
    await ours.stop();
    await at().noop();
    await until(async () => await completed() === 2);
  });

  if (line === 'bullmq5') {
    test('a list of 5.x paused jobs is not lost to our worker when 6.x semantics resume it', async () => {
      const {queue, redis} = at();
      await add(4);
      await queue.pause();
      assert.equal(await redis.llen(queue.toKey('paused')), 4);
      const producer = await at().producer();
      const {jobId} = await producer.post(RUNNABLE);
      assert.equal(await redis.llen(queue.toKey('paused')), 5);
      assert.equal((await producer.get(jobId)).status, 'queued');
      await queue.resume();
      await at().noop();
      await until(async () => await completed() === 5);
    });
  }
});
