// BullMQ's own classes on our Lua, see overlay.mjs.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {Queue as Queue5} from 'bullmq5';
import {RateLimitError, UnrecoverableError, WaitingChildrenError} from 'bullmq62';
import {collect, connect, missing, NAME, next, opened, openEvents, openFlows, openQueue, openWorker, redis,
  startWorker} from './overlay.mjs';

const {equal, deepEqual} = assert;

// Run everything that waits, one by one; gives the names in the order they ran.
async function orderOf(queue, count) {
  const worker = await openWorker(async () => {});
  const done = collect(worker, 'completed', count);
  worker.run();
  return (await done).map(job => job.name);
}

describe('order', () => {
  test('none_before_1_before_2_before_10_and_first_in_first_out_within', async () => {
    const queue = await openQueue();
    for (const [name, priority] of [['j', 10], ['b', 1], ['e', 2], ['a', 0], ['c', 1], ['a2', 0], ['k', 10],
      ['d', 1]]) await queue.add(name, {}, {priority});
    deepEqual(await orderOf(queue, 8), ['a', 'a2', 'b', 'c', 'd', 'e', 'j', 'k']);
  });

  test('lifo_is_next', async () => {
    const queue = await openQueue();
    for (const [name, lifo] of [['a', false], ['b', false], ['c', true], ['d', true]])
      await queue.add(name, {}, {lifo});
    deepEqual(await orderOf(queue, 4), ['d', 'c', 'a', 'b']);
  });

  test('bulk_adds_keep_their_order', async () => {
    const queue = await openQueue();
    await queue.addBulk(['a', 'b', 'c'].map(name => ({name, data: {}})));
    deepEqual(await orderOf(queue, 3), ['a', 'b', 'c']);
  });

  test('delayed_jobs_run_when_due_and_by_due_time', async () => {
    const queue = await openQueue();
    const start = Date.now();
    for (const [name, delay] of [['late', 300], ['early', 100], ['now', 0]])
      await queue.add(name, {}, {delay});
    deepEqual(await orderOf(queue, 3), ['now', 'early', 'late']);
    assert(Date.now() - start >= 300);
  });

  test('a_sleeping_worker_is_woken_for_a_delayed_job', async () => {
    const queue = await openQueue();
    await queue.add('now', {});
    const worker = await openWorker(async () => {}, {drainDelay: 60});
    const drained = next(worker, 'drained');
    worker.run();
    await drained;
    const done = next(worker, 'completed');
    await queue.add('later', {}, {delay: 200});
    await done;
  });
});

describe('results', () => {
  test('waitUntilFinished_gives_the_value', async () => {
    const [queue, events] = [await openQueue(), await openEvents()];
    const job = await queue.add('sum', {a: 2, b: 2});
    const result = job.waitUntilFinished(events, 10000);
    await startWorker(async ({data}) => ({sum: data.a + data.b}));
    deepEqual(await result, {sum: 4});
    deepEqual(await job.waitUntilFinished(events, 10000), {sum: 4});
    equal(await job.getState(), 'completed');
  });

  test('waitUntilFinished_gives_the_value_of_a_removed_job', async () => {
    const [queue, events] = [await openQueue(), await openEvents()];
    const job = await queue.add('x', {}, {removeOnComplete: true});
    const result = job.waitUntilFinished(events, 10000);
    await startWorker(async () => 7);
    equal(await result, 7);
    equal(await queue.getJob(job.id), undefined);
  });

  test('waitUntilFinished_rejects_with_the_reason', async () => {
    const [queue, events] = [await openQueue(), await openEvents()];
    const job = await queue.add('x', {});
    const result = assert.rejects(job.waitUntilFinished(events, 10000), /broken/);
    await startWorker(async () => {
      throw new Error('broken');
    });
    await result;
    await assert.rejects(job.waitUntilFinished(events, 10000), /broken/);
  });

  test('listeners_hear_a_job_s_whole_life', async () => {
    const [queue, events] = [await openQueue(), await openEvents()];
    const life = [];
    for (const name of ['added', 'waiting', 'active', 'progress', 'completed'])
      events.on(name, ({jobId}) => life.push(`${name} ${jobId}`));
    const drained = next(events, 'drained');
    await queue.add('x', {}, {jobId: 'mine'});
    await startWorker(async job => {
      await job.updateProgress({step: 1});
      await job.log('a line');
      await job.updateData({new: true});
    });
    await drained;
    deepEqual(life, ['added', 'waiting', 'active', 'progress', 'completed'].map(name => `${name} mine`));
    const job = await queue.getJob('mine');
    deepEqual([job.progress, job.data], [{step: 1}, {new: true}]);
    deepEqual((await queue.getJobLogs('mine')).logs, ['a line']);
  });

  test('removeOnComplete_and_removeOnFail_keep_the_newest', async () => {
    const queue = await openQueue();
    for (let i = 0; i < 6; i++)
      await queue.add(i % 2 ? 'bad' : 'good', {}, {removeOnComplete: 2, removeOnFail: {count: 1}});
    const worker = await openWorker(async ({name}) => {
      if (name === 'bad') throw new Error('bad');
    });
    const drained = next(worker, 'drained');
    worker.run();
    await drained;
    deepEqual((await queue.getCompleted()).map(job => job.id), ['5', '3']);
    deepEqual((await queue.getFailed()).map(job => job.id), ['6']);
    deepEqual((await redis.keys('bull:jobs:[0-9]')).sort(), ['bull:jobs:3', 'bull:jobs:5', 'bull:jobs:6']);
  });

  test('metrics_are_counted', async () => {
    const queue = await openQueue();
    await queue.addBulk(['a', 'b', 'c'].map(name => ({name, data: {}})));
    const worker = await openWorker(async () => {}, {metrics: {maxDataPoints: 10}});
    const done = collect(worker, 'completed', 3);
    worker.run();
    await done;
    equal((await queue.getMetrics('completed')).meta.count, 3);
  });
});

describe('failures', () => {
  test('backoff_delays_the_retries_and_the_attempts_are_counted', async () => {
    const [queue, events] = [await openQueue(), await openEvents()];
    const starts = [];
    const job = await queue.add('x', {}, {attempts: 3, backoff: {type: 'exponential', delay: 60}});
    const exhausted = next(events, 'retries-exhausted');
    const worker = await openWorker(async () => {
      starts.push(Date.now());
      throw new Error(`try ${starts.length}`);
    });
    worker.run();
    const [{jobId, attemptsMade}] = await exhausted;
    deepEqual([jobId, attemptsMade, starts.length], [job.id, '3', 3]);
    assert(starts[1] - starts[0] >= 60 && starts[2] - starts[1] >= 120);
    const failed = await queue.getJob(job.id);
    deepEqual([failed.failedReason, failed.attemptsMade, failed.attemptsStarted, failed.stacktrace.length],
      ['try 3', 3, 3, 3]);
  });

  test('a_retry_without_backoff_succeeds_at_once', async () => {
    const queue = await openQueue();
    await queue.add('x', {}, {attempts: 2});
    const worker = await openWorker(async job => {
      if (job.attemptsStarted === 1) throw new Error('once');
      return 'well';
    });
    const done = next(worker, 'completed');
    worker.run();
    const [job] = await done;
    deepEqual([job.returnvalue, (await queue.getJob(job.id)).attemptsMade], ['well', 2]);
  });

  test('an_unrecoverable_error_ends_the_job', async () => {
    const queue = await openQueue();
    await queue.add('x', {}, {attempts: 5});
    const worker = await openWorker(async () => {
      throw new UnrecoverableError('no use');
    });
    const done = next(worker, 'failed');
    worker.run();
    const [{id}] = await done;
    equal((await queue.getJob(id)).attemptsMade, 1);
    equal(await (await queue.getJob(id)).getState(), 'failed');
  });

  test('a_stalled_job_is_run_by_another_worker', async () => {
    const queue = await openQueue();
    await queue.add('x', {});
    await onDeadWorker(queue);
    const worker = await openWorker(async () => 'saved', {stalledInterval: 50});
    const [stalled, done] = [next(worker, 'stalled'), next(worker, 'completed')];
    worker.run();
    deepEqual((await stalled)[0], '1');
    equal((await done)[0].returnvalue, 'saved');
  });

  test('a_job_that_stalls_too_often_fails', async () => {
    const queue = await openQueue();
    await queue.add('x', {});
    await onDeadWorker(queue);
    const worker = await openWorker(async () => {}, {stalledInterval: 50, maxStalledCount: 0});
    const failed = next(worker, 'failed');
    worker.run();
    const [job, error] = await failed;
    deepEqual([job.id, error.message], ['1', 'job stalled more than allowable limit']);
  });
});

// A job that is active and whose lock has run out.
async function onDeadWorker(queue) {
  const dead = await openWorker(undefined, {lockDuration: 1000, skipStalledCheck: true});
  const job = await dead.getNextJob('token');
  await redis.del(`bull:${queue.name}:${job.id}:lock`);
}

describe('deduplication', () => {
  const modes = [
    ['simple', {id: 'd'}, 1],
    ['throttle', {id: 'd', ttl: 60000}, 1],
    ['extend', {id: 'd', ttl: 60000, extend: true}, 1],
  ];
  for (const [name, deduplication] of modes) {
    test(`${name}_lets_one_job_in`, async () => {
      const [queue, events] = [await openQueue(), await openEvents()];
      const heard = next(events, 'deduplicated');
      const first = await queue.add('x', {n: 1}, {deduplication});
      const second = await queue.add('x', {n: 2}, {deduplication});
      equal(second.id, first.id);
      deepEqual((await heard)[0], {jobId: first.id, deduplicationId: 'd', deduplicatedJobId: '2'});
      equal(await queue.getDeduplicationJobId('d'), first.id);
      equal(await queue.getWaitingCount(), 1);
      });
  }

  test('debounce_runs_the_latest', async () => {
    const queue = await openQueue();
    for (const n of [1, 2, 3])
      await queue.add('x', {n}, {delay: 100, deduplication: {id: 'd', ttl: 60000, replace: true, extend: true}});
    equal(await queue.getDelayedCount(), 1);
    const worker = await openWorker(async ({data}) => data.n);
    const done = next(worker, 'completed');
    worker.run();
    equal((await done)[0].returnvalue, 3);
  });

  test('keepLastIfActive_runs_the_latest_afterwards', async () => {
    const queue = await openQueue();
    const options = {deduplication: {id: 'd', keepLastIfActive: true}};
    await queue.add('x', {n: 1}, options);
    const worker = await openWorker(async ({data}) => {
      if (data.n === 1) for (const n of [2, 3]) await queue.add('x', {n}, options);
      return data.n;
    });
    const done = collect(worker, 'completed', 2);
    worker.run();
    deepEqual((await done).map(job => job.returnvalue), [1, 3]);
    equal(await queue.getDeduplicationJobId('d'), null);
  });

  test('the_id_is_free_after_the_job', async () => {
    const queue = await openQueue();
    const worker = await startWorker(async () => {});
    for (const id of ['1', '2']) {
      const done = next(worker, 'completed');
      equal((await queue.add('x', {}, {deduplication: {id: 'd'}})).id, id);
      await done;
    }
  });
});

describe('flows', () => {
  const child = (name, opts) => ({name, queueName: NAME, data: {}, opts});
  const bad = async ({name}) => {
    if (name === 'bad') throw new Error('went bad');
    return `${name} done`;
  };

  test('a_parent_in_another_queue_runs_after_its_children_and_sees_their_values', async () => {
    const [flows, parents] = [await openFlows(), await openQueue({}, 'parents')];
    const {job} = await flows.add({name: 'sum', queueName: 'parents', data: {},
      children: [child('a'), child('b', {priority: 2}), child('c', {delay: 50})]});
    equal(await job.getState(), 'waiting-children');
    await startWorker(bad);
    const worker = await openWorker(async parent => Object.values(await parent.getChildrenValues()).sort(), {},
      'parents');
    const done = next(worker, 'completed');
    worker.run();
    deepEqual((await done)[0].returnvalue, ['a done', 'b done', 'c done']);
    equal(await parents.getCompletedCount(), 1);
  });

  test('failParentOnFailure_fails_two_generations', async () => {
    const flows = await openFlows();
    const tree = await flows.add({name: 'top', queueName: NAME, data: {}, children: [
      {...child('middle', {failParentOnFailure: true}), children: [child('bad', {failParentOnFailure: true})]}]});
    const worker = await openWorker(bad);
    const failed = collect(worker, 'failed', 3);
    worker.run();
    deepEqual((await failed).map(job => job.name), ['bad', 'middle', 'top']);
    equal(await tree.job.getState(), 'failed');
  });

  for (const [flag, value] of [
    ['ignoreDependencyOnFailure', ['went bad']],
    ['continueParentOnFailure', ['went bad']],
    ['removeDependencyOnFailure', []],
  ]) {
    test(`${flag}_lets_the_parent_run`, async () => {
      const flows = await openFlows();
      await flows.add({name: 'top', queueName: NAME, data: {}, children: [child('bad', {[flag]: true})]});
      const worker = await openWorker(async job =>
        (job.name === 'top' ? Object.values(await job.getIgnoredChildrenFailures()) : bad(job)));
      const done = next(worker, 'completed');
      worker.run();
      const [job] = await done;
      deepEqual([job.name, job.returnvalue], ['top', value]);
      });
  }

  test('a_running_job_may_add_children_and_wait_for_them', async () => {
    const queue = await openQueue();
    await queue.add('top', {});
    const worker = await openWorker(async (job, token) => {
      if (job.name === 'kid') return 5;
      if (job.attemptsStarted > 1) return Object.values(await job.getChildrenValues());
      await queue.add('kid', {}, {parent: {id: job.id, queue: job.queueQualifiedName}});
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      return 'did not wait';
    });
    const done = collect(worker, 'completed', 2);
    worker.run();
    deepEqual((await done).map(job => [job.name, job.returnvalue]), [['kid', 5], ['top', [5]]]);
  });
});

describe('limits', () => {
  test('global_concurrency_holds_over_several_workers', async () => {
    const queue = await openQueue();
    await queue.setGlobalConcurrency(2);
    await queue.addBulk(Array.from({length: 12}, (_, i) => ({name: `j${i}`, data: {}})));
    let [now, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++now);
      await redis.ping();
      now--;
    };
    const workers = [await openWorker(work, {concurrency: 3}), await openWorker(work, {concurrency: 3})];
    const events = await openEvents();
    const done = collect(events, 'completed', 12);
    for (const worker of workers) worker.run();
    await done;
    assert(most <= 2, `${most} at once`);
  });

  test('the_rate_limit_spreads_the_jobs', async () => {
    const queue = await openQueue();
    await queue.addBulk(Array.from({length: 5}, (_, i) => ({name: `j${i}`, data: {}})));
    const worker = await openWorker(async () => {}, {limiter: {max: 2, duration: 150}});
    const done = collect(worker, 'completed', 5);
    const start = Date.now();
    worker.run();
    await done;
    assert(Date.now() - start >= 290, `${Date.now() - start} ms`);
  });

  test('a_manual_rate_limit_sends_the_job_back_without_an_attempt', async () => {
    const queue = await openQueue();
    await queue.add('x', {});
    const worker = await openWorker(async job => {
      if (job.attemptsStarted > 1) return;
      await queue.rateLimit(150);
      throw new RateLimitError();
    }, {limiter: {max: 10, duration: 1000}});
    const done = next(worker, 'completed');
    const start = Date.now();
    worker.run();
    const [job] = await done;
    assert(Date.now() - start >= 140);
    deepEqual([job.attemptsStarted, (await queue.getJob(job.id)).attemptsMade], [2, 1]);
  });

  test('a_paused_queue_keeps_its_jobs_and_resuming_runs_them', async () => {
    const queue = await openQueue();
    await queue.pause();
    await queue.addBulk(['a', 'b'].map(name => ({name, data: {}})));
    const worker = await startWorker(async () => {});
    equal(await worker.getNextJob('t', {block: false}), undefined);
    deepEqual(await queue.getJobCounts('waiting', 'active'), {waiting: 2, active: 0});
    const done = collect(worker, 'completed', 2);
    await queue.resume();
    deepEqual((await done).map(job => job.name), ['a', 'b']);
  });
});

describe('a BullMQ 5 that pauses and resumes around our adds', () => {
  for (const [name, sequence] of [
    ['with_a_job_waiting', 'theirs pause ours resume'],
    ['with_nothing_waiting', 'pause ours theirs resume'],
    ['twice', 'theirs pause ours pause ours resume'],
    ['and_again', 'ours pause theirs resume ours pause ours resume'],
  ]) {
    test(`${name}_loses_no_job`, async () => {
      const [queue, old] = [await openQueue(), new Queue5(NAME, {connection: connect()})];
      opened.push(() => old.close());
      await old.waitUntilReady();
      const steps = sequence.split(' ');
      const names = [];
      for (const [i, step] of steps.entries()) {
        if (step === 'pause' || step === 'resume') {
          await old[step]();
        } else {
          await (step === 'ours' ? queue : old).add(`${step}${i}`, {});
          names.push(`${step}${i}`);
        }
      }
      deepEqual(await orderOf(queue, names.length), names);
    });
  }
});

test('it_was_our_lua_that_ran', async () => {
  deepEqual(await missing('addStandardJob', 'addDelayedJob', 'addPrioritizedJob', 'addParentJob', 'moveToActive',
    'moveToFinished', 'moveToDelayed', 'retryJob', 'moveJobFromActiveToWait', 'moveStalledJobsToWait',
    'moveToWaitingChildren', 'updateData', 'updateProgress', 'addLog', 'isFinished', 'getStateV2', 'getCounts'), []);
});
