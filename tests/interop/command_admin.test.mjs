// What operators do with a queue and its jobs, but removing.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {ended, exists, given, meta, push, q, redis, set} from './commands.mjs';

const {equal, deepEqual} = assert;

describe('pausing', () => {
  test('jobs_stay_in_wait_and_no_worker_is_woken', async () => {
    await q.add();
    await q.forgetEvents();
    equal(await q.pause('1'), 0);
    deepEqual(await q.list('wait'), ['1']);
    equal((await q.hash('meta')).paused, '1');
    equal(await exists('marker'), 0);
    deepEqual(await q.events(), ['paused']);
  });

  test('resuming_wakes_a_worker_for_what_waits', async () => {
    await given([{priority: 1}]);
    await q.pause('1');
    equal(await q.resume('1'), 0);
    equal((await q.hash('meta')).paused, undefined);
    deepEqual(await q.scores('marker'), {0: 0});
    deepEqual(await q.events(), ['paused', 'resumed']);
  });

  test('resuming_with_nothing_but_delayed_jobs_says_when', async () => {
    await given([{delay: 500}]);
    await q.resume('1');
    deepEqual(await q.scores('marker'), {1: 1500});
  });

  test('without_the_event_nothing_is_said', async () => {
    await q.pause('0');
    await q.resume('0');
    deepEqual(await q.events(), []);
  });

  test('jobs_a_5_pause_put_aside_come_back_before_the_others', async () => {
    await push('wait', 'd', 'c');
    await push('paused', 'b', 'a');
    equal(await q.resume('1'), 0);
    deepEqual(await q.list('wait'), ['d', 'c', 'b', 'a']);
    equal(await exists('paused'), 0);
  });

  test('seven_thousand_come_back_a_call', async () => {
    await push('wait', 'w');
    await push('paused', ...Array(7002).keys());
    equal(await q.resume('1'), 2);
    equal(await q.resume('0'), 0);
    deepEqual(await q.list('wait'), ['w', ...Array(7002).keys()].map(String));
  });

  const many = Array.from({length: 9000}, (_, i) => `m${i}`);
  for (const [name, wait, paused] of [
    ['its_way', ['b', 'a'], []],
    ['never_over_jobs_that_are_put_aside', ['b', 'a'], ['z', 'y', 'x']],
    ['never_over_fewer_jobs_either', ['c', 'b', 'a'], ['y', 'x']],
    ['in_one_call_though_many_wait', many, ['y', 'x']],
    ['in_one_call_though_many_are_put_aside', ['b', 'a'], many],
    ['with_nothing_waiting', [], ['y', 'x']],
    ['with_no_job_at_all', [], []],
  ]) {
    test(`a_queue_of_BullMQ_5_is_paused_${name}`, async () => {
      await meta('version', 'bullmq:5.81.5');
      if (wait.length) await push('wait', ...wait);
      if (paused.length) await push('paused', ...paused);
      equal(await q.pause('1'), 0);
      deepEqual([await q.list('wait'), await q.list('paused')], [[], [...wait, ...paused]]);
    });
  }
});

describe('moving a job', () => {
  test('a_promoted_job_is_at_the_back_of_wait', async () => {
    await given([{}], [{delay: 500, lifo: true}]);
    equal(await q.promote('2'), 0);
    deepEqual(await q.list('wait'), ['2', '1']);
    equal((await q.hash('2')).delay, '0');
    deepEqual(await q.events(), ['waiting jobId 2 prev delayed']);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('a_promoted_job_with_a_priority_waits_by_it', async () => {
    await given([{delay: 500, priority: 2}]);
    equal(await q.promote('1'), 0);
    deepEqual(await q.scores('prioritized'), {1: 2 * 2 ** 32 + 1});
  });

  test('only_delayed_jobs_are_promoted', async () => {
    await given([{}]);
    await redis.zadd(q.key('delayed'), 1, 'gone');
    for (const id of ['1', 'x', 'gone']) equal(await q.promote(id), -3);
    deepEqual(await q.list('wait'), ['1']);
    equal(await exists('gone'), 0);
  });

  test('a_changed_delay_counts_from_now', async () => {
    await given([{delay: 500}], [{delay: 900}]);
    equal(await q.changeDelay('1', 7000, {at: 2000}), 0);
    deepEqual(await q.scores('delayed'), {1: 9000 * 4096, 2: 1900 * 4096});
    equal((await q.hash('1')).delay, '7000');
    deepEqual(await q.events(), ['delayed jobId 1 delay 9000']);
    deepEqual(await q.scores('marker'), {1: 1900});
  });

  test('only_delayed_jobs_change_their_delay', async () => {
    await given([{}]);
    equal(await q.changeDelay('1', 5), -3);
    equal(await q.changeDelay('x', 5), -1);
    equal((await q.hash('1')).delay, '0');
  });

  for (const [name, from, to, lifo, wait, prioritized] of [
    ['a_waiting_job_gets_a_priority', {}, 3, false, ['1'], 3 * 2 ** 32 + 1],
    ['a_waiting_job_goes_to_the_front_of_its_priority', {}, 3, true, ['1'], 3 * 2 ** 32],
    ['a_prioritized_job_gets_another_priority', {priority: 2}, 3, false, ['1'], 3 * 2 ** 32 + 2],
    ['priority_0_is_at_the_back_of_wait', {priority: 2}, 0, false, ['2', '1']],
    ['priority_0_is_at_the_front_with_lifo', {priority: 2}, 0, true, ['1', '2']],
    ['a_delayed_job_only_remembers_its_priority', {delay: 500}, 3, false, ['1']],
  ]) {
    test(name, async () => {
      await given([{}], [from]);
      equal(await q.changePriority('2', to, {lifo}), 0);
      deepEqual(await q.list('wait'), wait);
      deepEqual(await q.scores('prioritized'), prioritized ? {2: prioritized} : {});
      equal((await q.hash('2')).priority, String(to));
      deepEqual(await q.scores('marker'), from.delay || to && lifo ? {} : {0: 0});
    });
  }

  test('jobs_a_5_pause_put_aside_change_their_priority_too', async () => {
    await given([{}]);
    await redis.rename(q.key('wait'), q.key('paused'));
    await meta('paused', '1');
    equal(await q.changePriority('1', 4), 0);
    deepEqual([await q.list('paused'), await q.scores('prioritized')], [[], {1: 4 * 2 ** 32 + 1}]);
  });

  test('a_job_that_is_gone_has_no_priority', async () => {
    await push('wait', 'x');
    equal(await q.changePriority('x', 4), -1);
    equal(await exists('x'), 0);
  });
});

describe('running once more', () => {
  for (const as of ['completed', 'failed']) {
    test(`a_${as}_job_waits_again_as_if_it_had_not_run`, async () => {
      await ended(as);
      equal(await q.reprocess('1', as), 1);
      const {finishedOn, processedOn, returnvalue, failedReason, atm, ats} = await q.hash('1');
      deepEqual([finishedOn, processedOn, returnvalue, failedReason, atm, ats],
        [undefined, undefined, undefined, undefined, '1', '1']);
      deepEqual([await q.list('wait'), await q.scores(as)], [['1'], {}]);
      deepEqual(await q.events(), [`waiting jobId 1 prev ${as}`]);
      deepEqual(await q.scores('marker'), {0: 0});
    });
  }

  test('its_attempts_may_be_forgotten', async () => {
    await ended();
    await q.reprocess('1', 'failed', {made: true, started: true});
    const {atm, ats} = await q.hash('1');
    deepEqual([atm, ats], [undefined, undefined]);
  });

  test('it_may_go_to_the_front_and_keeps_its_priority', async () => {
    await ended();
    await ended('failed', {priority: 7});
    await given([{}]);
    await q.reprocess('1', 'failed', {push: 'RPUSH'});
    await q.reprocess('2', 'failed', {push: 'RPUSH'});
    deepEqual(await q.list('wait'), ['3', '1']);
    deepEqual(Object.keys(await q.scores('prioritized')), ['2']);
  });

  test('a_job_that_did_not_end_that_way_is_refused', async () => {
    await ended();
    equal(await q.reprocess('1', 'completed'), -3);
    equal(await q.reprocess('x', 'failed'), -1);
    equal((await q.hash('1')).failedReason, 'why');
  });

  for (const [name, as, flag, told, again] of [
    ['a_completed_child', 'completed', {}, 'processed', q => q.reprocess('1', 'completed')],
    ['a_child_that_failed_its_parent', 'failed', {fpof: true}, 'unsuccessful', q => q.reprocess('1', 'failed')],
    ['an_ignored_child', 'failed', {idof: true}, 'failed', q => q.reprocess('1', 'failed')],
    ['one_of_many', 'failed', {idof: true}, 'failed', q => q.moveToWait('failed')],
  ]) {
    test(`${name}_is_put_back_under_its_parent`, async () => {
      const key = q.key('parent');
      await q.add({}, {id: 'parent', isParent: true});
      await redis.incrby(q.key('id'), -1);
      await ended(as, {}, {parent: {key, flags: flag}});
      equal(await exists(`parent:${told}`), 1);
      equal(await again(q), name === 'one_of_many' ? 0 : 1);
      deepEqual(await set('parent:dependencies'), [q.key('1')]);
      equal(await exists(`parent:${told}`), 0);
    });
  }

  test('a_child_its_parent_never_heard_of_is_not_put_under_it', async () => {
    await q.add({}, {id: 'p', isParent: true});
    const id = await ended('failed', {}, {parent: {key: q.key('p')}});
    await redis.del(q.key('p:dependencies'));
    equal(await q.reprocess(id, 'failed'), 1);
    equal(await exists('p:dependencies'), 0);
  });

  test('it_goes_to_the_back_unless_asked', async () => {
    const id = await ended();
    await given([{}]);
    await redis.hdel(q.key(id), 'priority');
    await q.reprocess(id, 'failed');
    deepEqual(await q.list('wait'), ['1', '2']);
  });

  test('a_parent_that_is_gone_is_not_recreated', async () => {
    const key = q.key('parent');
    await q.add({}, {id: 'parent', isParent: true});
    const id = await ended('completed', {}, {parent: {key}});
    await redis.del(key, `${key}:processed`);
    equal(await q.reprocess(id, 'completed'), 1);
    equal(await exists('parent:dependencies'), 0);
  });

  test('many_are_moved_oldest_first_and_the_caller_comes_back_for_more', async () => {
    for (const _ of [1, 2, 3]) await ended('failed', {priority: 1});
    equal(await q.moveToWait('failed', {count: 2}), 1);
    equal(await q.moveToWait('failed', {count: 2}), 0);
    equal(await q.moveToWait('failed', {count: 2}), 0);
    deepEqual(await q.list('wait'), ['3', '2', '1']);
    equal((await q.hash('1')).finishedOn, undefined);
    deepEqual((await q.events())[0], 'waiting jobId 1 prev failed');
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('only_those_up_to_a_time_are_moved', async () => {
    await ended();
    equal(await q.moveToWait('failed', {highest: 2999}), 0);
    deepEqual(await q.list('wait'), []);
    equal(await q.moveToWait('failed', {highest: 3000}), 0);
    deepEqual(await q.list('wait'), ['1']);
  });

  test('ids_without_a_job_are_dropped', async () => {
    await redis.zadd(q.key('failed'), 1, 'gone');
    await q.moveToWait('failed');
    deepEqual([await q.list('wait'), await q.scores('failed')], [[], {}]);
    equal(await exists('gone'), 0);
  });
});
