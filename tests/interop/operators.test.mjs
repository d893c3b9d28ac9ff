// What operators and dashboards do from Node while our programs are at work, and what they see.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {HOPELESS, onBothLines, RUNNABLE} from './lines.mjs';
import {DEADLINE, until} from '../support/until.mjs';

onBothLines('operators', (at, line) => {
  const many = (count, opts, data = RUNNABLE) => at().queue.addBulk(Array.from({length: count}, () =>
    ({name: 'execute', data, opts})));
  const ended = job => job.waitUntilFinished(at().events, DEADLINE);
  const counts = () => at().queue.getJobCounts('wait', 'active', 'delayed', 'prioritized', 'completed', 'failed');
  const none = {wait: 0, active: 0, delayed: 0, prioritized: 0, completed: 0, failed: 0};

  // Our worker still takes jobs, and its log has nothing to complain of.
  async function stillWorks(worker) {
    const job = await at().queue.add('execute', RUNNABLE);
    await ended(job);
    assert.doesNotMatch(worker.log, /level=error/);
    assert.equal(await worker.stop(), 0);
  }

  test('obliterate while we run: nothing of the queue is left, and our worker goes on', async () => {
    const {queue, redis} = at();
    const worker = await at().noop();
    await many(3000);
    await many(50, {delay: 60000});
    await until(async () => (await counts()).completed > 10);
    await queue.obliterate({force: true});
    await until(async () => (await counts()).active === 0);
    const rest = (await redis.keys(queue.toKey('*'))).map(key => key.replace(/.*:/, ''));
    const hashes = rest.filter(suffix => /^\d+$/.test(suffix));
    assert.ok(hashes.length <= 2, `hashes of jobs that are gone: ${hashes}`);
    await stillWorks(worker);
  });

  test('obliterate refuses while a job of ours runs, unless it is forced', async () => {
    const {queue} = at();
    const hand = at().node(null, {autorun: false});
    await many(1);
    await hand.getNextJob('hand');
    await assert.rejects(queue.obliterate(), /active/);
    await queue.obliterate({force: true});
    assert.deepEqual(await counts(), none);
  });

  test('drain while we run: what waits is gone, what is delayed stays, ours goes on', async () => {
    const {queue} = at();
    await queue.setGlobalRateLimit(50, 50); /* so that it does not get through before the drain */
    const worker = await at().noop('--concurrency', '1');
    await many(5000);
    await many(2000, {priority: 4});
    await many(5, {delay: 60000});
    await queue.drain();
    await until(async () => (await counts()).active === 0);
    const after = await counts();
    assert.deepEqual([after.wait, after.prioritized, after.delayed], [0, 0, 5]);
    assert.ok(after.completed < 7000, 'the drain came too late to prove anything');
    await queue.drain(true);
    assert.equal((await counts()).delayed, 0);
    await queue.removeGlobalRateLimit();
    await stillWorks(worker);
  });

  test('clean of each state', async () => {
    const {queue} = at();
    const worker = await at().noop();
    const done = await many(5);
    await until(async () => (await counts()).completed === 5);
    await worker.stop();
    const failing = await at().failing();
    await many(4, {}, HOPELESS);
    await until(async () => (await counts()).failed === 4);
    await failing.stop();
    await many(3);
    await many(2, {delay: 60000});
    await many(1, {priority: 2});
    await until(async () => Date.now() > (await queue.getCompleted(0, 0))[0].finishedOn + 5);
    assert.equal((await queue.clean(60000, 0, 'completed')).length, 0);
    assert.deepEqual((await queue.clean(1, 2, 'completed')).length, 2);
    for (const [state, count] of [['completed', 3], ['failed', 4], ['wait', 3], ['delayed', 2], ['prioritized', 1]])
      assert.equal((await queue.clean(0, 0, state)).length, count, state);
    assert.deepEqual(await counts(), none);
    assert.equal(await queue.getJob(done[0].id), undefined);
    await stillWorks(await at().noop());
  });

  test('clean leaves what our worker holds, with its lock', async () => {
    const {queue, redis} = at();
    const hand = at().node(null, {autorun: false});
    const [job] = await many(1);
    await hand.getNextJob('hand');
    assert.deepEqual(await queue.clean(0, 0, 'active'), []);
    await redis.del(queue.toKey(`${job.id}:lock`));
    assert.deepEqual(await queue.clean(0, 0, 'active'), [job.id]);
  });

  test('a job removed in the middle of its run is not made again by its end', async () => {
    const {queue, redis} = at();
    const hand = at().node(null, {autorun: false, lockDuration: 1});
    const [job] = await many(1);
    await hand.getNextJob('dead');
    await redis.del(queue.toKey(job.id));
    const worker = await at().noop('--stalled-interval', '100');
    await until(async () => (await counts()).active === 0);
    assert.equal(await redis.exists(queue.toKey(job.id)), 0);
    await stillWorks(worker);
  });

  test('QueueEvents carries for each event of ours what it carries for Node\'s own', async () => {
    const {queue} = at();
    at().listen('added', 'waiting', 'active', 'completed', 'failed', 'retries-exhausted', 'delayed', 'drained',
      'paused', 'resumed', 'removed', 'cleaned', 'progress');
    // The same story with both kinds of worker; ids and times are named by their place in it.
    async function story(complete, fail) {
      const ids = [];
      at().heard.length = 0;
      const good = await queue.add('good', RUNNABLE);
      ids.push(good.id);
      let worker = await complete();
      await ended(good);
      await until(() => at().heard.some(([name]) => name === 'drained'));
      await worker();
      const bad = await queue.add('bad', HOPELESS);
      ids.push(bad.id);
      worker = await fail();
      await assert.rejects(ended(bad));
      await until(() => at().heard.filter(([name]) => name === 'drained').length === 2);
      await worker();
      return at().heard.map(([name, fields]) => name === 'drained' ? [name]
        : [name, Object.fromEntries(Object.entries(fields).map(([field, value]) =>
          [field, field === 'jobId' ? ids.indexOf(value)
            : ['returnvalue', 'failedReason'].includes(field) ? typeof value : value]))]);
    }
    const node = processor => async () => {
      const worker = at().node(processor);
      return () => worker.close();
    };
    const program = start => async () => {
      const worker = await start();
      return () => worker.stop();
    };
    const ours = await story(program(() => at().noop()), program(() => at().failing()));
    const theirs = await story(node(async () => ({})), node(async () => { throw new Error('no'); }));
    assert.deepEqual(ours, theirs);
  });

  test('waitUntilFinished of a job that ended before, well or not, or that is gone', async () => {
    const worker = await at().noop();
    const [good, gone] = [await at().queue.add('execute', RUNNABLE),
      await at().queue.add('execute', RUNNABLE, {removeOnComplete: true})];
    await until(async () => (await counts()).completed === 1 && (await counts()).wait === 0);
    await worker.stop();
    assert.equal((await ended(good)).verdict, 'ok');
    await assert.rejects(ended(gone), /Missing key for job/);
    await at().failing();
    const bad = await at().queue.add('execute', HOPELESS);
    await until(async () => await bad.getState() === 'failed');
    await assert.rejects(ended(bad), /there is no 'cobol'/);
  });

  test('getWorkers sees ours and theirs', async () => {
    const {queue, name} = at();
    const worker = await at().noop('--name', 'one');
    const other = await at().noop('--name', 'two');
    at().node(async () => 1, {name: 'three'});
    const names = await until(async () => {
      const workers = await queue.getWorkers();
      return workers.length === 3 && workers.map(({rawname}) => rawname).sort();
    });
    const base = `bull:${Buffer.from(name).toString('base64')}:w:`;
    assert.deepEqual(names, ['one', 'three', 'two'].map(each => base + each));
    await worker.stop();
    await other.stop();
    await until(async () => (await queue.getWorkers()).length === 1);
  });

  test('a job page of Node shows all that our worker has written', async () => {
    const {queue} = at();
    await at().noop('--name', 'w1');
    const job = await queue.add('execute', RUNNABLE, {attempts: 3});
    await ended(job);
    const seen = await queue.getJob(job.id);
    assert.equal(seen.processedBy, 'w1');
    assert.equal(seen.attemptsMade, 1);
    assert.equal(seen.attemptsStarted, 1);
    assert.equal(seen.failedReason, undefined);
    assert.deepEqual(seen.stacktrace, []);
    assert.ok(seen.timestamp <= seen.processedOn && seen.processedOn <= seen.finishedOn);
    assert.equal(await seen.getState(), 'completed');
    assert.deepEqual(seen.asJSON().opts.attempts, 3);
  });

  test('logs of a job: lines of Node, and a note of ours for each failed attempt', async () => {
    const {queue} = at();
    const job = await queue.add('execute', RUNNABLE, {attempts: 2});
    await job.log('from node');
    await at().failing('--name', 'w1');
    await assert.rejects(ended(job));
    const {logs, count} = await queue.getJobLogs(job.id);
    assert.equal(count, 3);
    assert.equal(logs[0], 'from node');
    assert.match(logs[1], /^attempt 1 of 2 by w1: .*nowhere\.sock.*; it goes back to waiting$/);
    assert.match(logs[2], /^attempt 2 of 2 by w1: .*; the job has failed: no attempt is left$/);
  });

  test('keepLogs bounds our notes, too', async () => {
    const {queue} = at();
    await at().failing();
    const job = await queue.add('execute', RUNNABLE, {attempts: 4, keepLogs: 2});
    await assert.rejects(ended(job));
    const {logs} = await queue.getJobLogs(job.id);
    assert.deepEqual(logs.map(line => line.slice(0, 14)), ['attempt 3 of 4', 'attempt 4 of 4']);
  });

  test('getMetrics counts what our worker has ended, when it is asked to', async () => {
    const {queue} = at();
    const worker = await at().noop('--metrics', '60');
    for (const job of await many(5)) await ended(job);
    await worker.stop();
    await at().failing('--metrics', '60');
    await assert.rejects(ended(await queue.add('execute', HOPELESS)));
    assert.equal((await queue.getMetrics('completed')).meta.count, 5);
    assert.equal((await queue.getMetrics('failed')).meta.count, 1);
    assert.deepEqual((await queue.getMetrics('completed')).data, []);
  });

  test('getMetrics keeps the counts of past minutes', async () => {
    const {queue, redis} = at();
    await at().noop('--metrics', '60');
    for (const job of await many(3)) await ended(job);
    /* As if those had ended three minutes ago. */
    await redis.hincrby(queue.toKey('metrics:completed'), 'prevTS', -180000);
    await ended((await many(1))[0]);
    const {meta, data} = await queue.getMetrics('completed');
    assert.equal(meta.count, 4);
    assert.deepEqual(data.map(Number), [0, 0, 3]);
  });
});
