// What is kept and what is not: finished jobs, custom ids, deduplication.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {HOPELESS, onBothLines, RUNNABLE} from './lines.mjs';
import {DEADLINE, until} from '../support/until.mjs';

onBothLines('keeping', at => {
  const add = opts => at().queue.add('execute', RUNNABLE, opts);
  const ended = job => job.waitUntilFinished(at().events, DEADLINE);
  const keys = job => at().redis.keys(`${at().queue.toKey(job.id)}*`);
  const CLEANUP = {completed: 'removeOnComplete', failed: 'removeOnFail'};

  // Jobs that end one after the other in the given state; the last one with `opts`.
  async function runAll(state, count, opts, data = state === 'failed' ? HOPELESS : RUNNABLE) {
    const jobs = [];
    for (let i = 1; i <= count; i++) {
      const job = await at().queue.add('execute', data, i === count ? opts : {});
      await ended(job).catch(() => {});
      jobs.push(job);
    }
    return jobs;
  }

  const start = state => state === 'failed' ? at().failing() : at().noop();
  const left = async state => (await at().queue.getJobs([state])).map(({id}) => id);

  for (const [state, option] of Object.entries(CLEANUP)) {
    test(`${option}: true leaves nothing of the job, and whoever waits still hears its end`, async () => {
      await start(state);
      const [job] = await runAll(state, 1, {[option]: true});
      assert.deepEqual(await keys(job), []);
      assert.deepEqual(await left(state), []);
    });

    test(`${option}: a number keeps so many of the newest`, async () => {
      await start(state);
      const jobs = await runAll(state, 5, {[option]: 2});
      assert.deepEqual(await left(state), [jobs[4].id, jobs[3].id]);
      assert.deepEqual(await keys(jobs[0]), []);
    });

    test(`${option}: an age removes what is older, when a job ends`, async () => {
      const {redis, queue} = at();
      await start(state);
      const old = await runAll(state, 3, {});
      for (const {id} of old)
        await redis.zadd(queue.toKey(state), Date.now() - 60000, id);
      const [recent] = await runAll(state, 1, {});
      const [last] = await runAll(state, 1, {[option]: {age: 30}});
      assert.deepEqual(await left(state), [last.id, recent.id]);
    });

    test(`${option}: age and count together, and most to remove at a time`, async () => {
      const {redis, queue} = at();
      await start(state);
      const old = await runAll(state, 4, {});
      for (const {id} of old) await redis.zadd(queue.toKey(state), Date.now() - 60000, id);
      await runAll(state, 1, {[option]: {age: 30, limit: 3}});
      assert.equal((await left(state)).length, 2);
      await runAll(state, 1, {[option]: {age: 30, count: 1}});
      assert.equal((await left(state)).length, 1);
    });

    test(`${option}: false keeps all`, async () => {
      await start(state);
      await runAll(state, 3, {[option]: false});
      assert.equal((await left(state)).length, 3);
    });
  }

  test('a custom id is kept, a second job of that id is not made, in whatever state the first is', async () => {
    const {queue} = at();
    at().listen('duplicated', 'completed');
    const job = await add({jobId: 'mine'});
    assert.equal((await add({jobId: 'mine'})).id, 'mine');
    await at().noop();
    await ended(job);
    await add({jobId: 'mine', priority: 4});
    await add({jobId: 'mine', delay: 60000});
    await until(() => at().idsOf('duplicated').length === 3);
    assert.deepEqual(at().idsOf('completed'), ['mine']);
    assert.equal(await queue.count(), 0);
    await job.remove();
    await ended(await add({jobId: 'mine'}));
  });

  test('our GET finds a job by its custom id', async () => {
    const producer = await at().producer();
    await at().noop();
    await ended(await add({jobId: 'with-a_name.1'}));
    assert.equal((await producer.get('with-a_name.1')).status, 'completed');
  });

  const dedup = (deduplication, opts) => add({deduplication: {id: 'one', ...deduplication}, ...opts});
  const holder = () => at().queue.getDeduplicationJobId('one');

  test('deduplication, simple: until the first has ended at our worker', async () => {
    at().listen('deduplicated');
    const first = await dedup();
    assert.equal((await dedup()).id, first.id);
    await until(() => at().heard.length === 1);
    assert.deepEqual(at().heard[0][1], {jobId: first.id, deduplicationId: 'one', deduplicatedJobId: '2'});
    await at().noop();
    await ended(first);
    assert.equal(await holder(), null);
    const next = await dedup();
    assert.notEqual(next.id, first.id);
    await ended(next);
  });

  test('deduplication, simple: also when the first has failed', async () => {
    await at().failing();
    const first = await dedup();
    await assert.rejects(ended(first));
    assert.equal(await holder(), null);
  });

  test('deduplication, simple: a retry of ours keeps it', async () => {
    await at().failing();
    const first = await dedup({}, {attempts: 2, backoff: 60000});
    await until(async () => await first.getState() === 'delayed');
    assert.equal((await dedup()).id, first.id);
  });

  test('deduplication, throttle: as long as its time lasts, whatever our worker has done', async () => {
    await at().noop();
    const first = await dedup({ttl: 400});
    await ended(first);
    assert.equal((await dedup({ttl: 400})).id, first.id);
    await until(async () => await holder() === null);
    const next = await dedup({ttl: 400});
    assert.notEqual(next.id, first.id);
    await ended(next);
  });

  test('deduplication, extend: each duplicate begins the time anew', async () => {
    const {redis, queue} = at();
    await at().noop();
    const first = await dedup({ttl: 60000, extend: true});
    await ended(first);
    await redis.pexpire(queue.toKey('de:one'), 1000);
    assert.equal((await dedup({ttl: 60000, extend: true})).id, first.id);
    assert.ok(await redis.pttl(queue.toKey('de:one')) > 50000);
  });

  test('deduplication, debounce: the last one replaces those that still wait', async () => {
    const {queue} = at();
    at().listen('removed');
    const opts = {ttl: 60000, extend: true, replace: true};
    const first = await dedup(opts, {delay: 300});
    const second = await dedup(opts, {delay: 300});
    await until(() => at().heard.length === 1);
    assert.deepEqual(at().idsOf('removed'), [first.id]);
    await at().noop();
    await ended(second);
    assert.equal(await queue.getJob(first.id), undefined);
  });

  test('deduplication, keepLastIfActive: when it ends our worker makes one more, of the last data', async () => {
    const {queue} = at();
    const keep = data => queue.add('execute', data, {deduplication: {id: 'one', keepLastIfActive: true}});
    const job = await keep({n: 1});
    /* Active, and its worker gone: ours finds it stalled and ends it. */
    const dead = at().node(null, {autorun: false, lockDuration: 1});
    await dead.getNextJob('dead');
    await keep({n: 2});
    await keep({n: 3});
    assert.equal(await queue.getWaitingCount(), 0);
    await at().noop('--stalled-interval', '100');
    await ended(job);
    await until(async () => await queue.getCompletedCount() === 2);
    const [last] = await queue.getCompleted(0, 0);
    assert.deepEqual(last.data, {n: 3});
    await until(async () => await holder() === null);
  });
});
