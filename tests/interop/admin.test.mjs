// The commands operators use, each by itself: its answer, the keys it leaves, the events it emits.

import assert from 'node:assert/strict';
import {after, before, beforeEach, describe, test} from 'node:test';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts} from '../support/scripts.mjs';
import {ScriptQueue} from './queue.mjs';

const {equal, deepEqual} = assert;
let server, redis, q;

before(async () => {
  server = await startRedis();
  redis = defineScripts(new Redis(server.socket));
  q = new ScriptQueue(redis);
});
after(async () => {
  redis?.disconnect();
  await server?.stop();
});
beforeEach(() => redis.flushall());

const exists = suffix => redis.exists(q.key(suffix));
const meta = (...fields) => redis.hset(q.key('meta'), ...fields);
const push = (suffix, ...ids) => redis.rpush(q.key(suffix), ...ids);
const set = async suffix => (await redis.smembers(q.key(suffix))).sort();

// Add jobs and forget how they came, so that a test sees its own events only.
async function given(...adds) {
  const ids = [];
  for (const [opts, more] of adds) ids.push(await q.add(opts, more));
  await quiet();
  return ids;
}

async function quiet() {
  await q.forgetEvents();
  await redis.del(q.key('marker'));
}

// A job that ended.
async function ended(as = 'failed', opts = {}, more) {
  const id = await q.add(opts, more);
  await q.fetch();
  equal(await q.finish(id, {as, value: as === 'failed' ? 'why' : '1'}), 0);
  await quiet();
  return id;
}

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

  for (const [name, paused, left] of [
    ['a_queue_of_BullMQ_5_is_paused_its_way', [], ['b', 'a']],
    ['and_never_over_jobs_that_are_put_aside', ['y', 'x'], ['b', 'a', 'y', 'x']],
  ]) {
    test(name, async () => {
      await meta('version', 'bullmq:5.81.5');
      await push('wait', 'b', 'a');
      if (paused.length) await push('paused', ...paused);
      equal(await q.pause('1'), 0);
      deepEqual([await q.list('wait'), await q.list('paused')], [[], left]);
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

describe('looking', () => {
  const putAside = async () => {
    await given([{}], [{}], [{}], [{}]);
    await redis.lmove(q.key('wait'), q.key('paused'), 'RIGHT', 'LEFT');
    await redis.lmove(q.key('wait'), q.key('paused'), 'RIGHT', 'LEFT');
    deepEqual([await q.list('wait'), await q.list('paused')], [['4', '3'], ['2', '1']]);
  };

  for (const [first, last, ascending, ids, jobs] of [
    [0, -1, false, '4321'], [0, -1, true, '4321', '1234'], [0, 1, false, '43'], [0, 1, true, '21', '12'],
    [1, 2, false, '32'], [1, 2, true, '32', '23'], [2, 9, false, '21'], [2, 9, true, '43', '34'],
    [-2, -1, false, '21'], [-3, -2, false, '32'], [9, 10, false, ''], [2, 1, false, ''],
  ]) {
    test(`jobs_a_5_pause_put_aside_are_waiting_from_${first}_to_${last}${ascending ? '_ascending' : ''}`, async () => {
      await putAside();
      deepEqual(await q.ranges(first, last, ascending, 'wait'), [[...ids]]);
      const [found] = await q.jobs(first, last, ascending, 5, 'wait');
      deepEqual(found.map(([id]) => id), [...jobs ?? ids]);
      await redis.rename(q.key('paused'), q.key('else'));
      for (const id of ['2', '1']) await redis.lmove(q.key('else'), q.key('wait'), 'LEFT', 'RIGHT');
      deepEqual(await q.ranges(first, last, ascending, 'wait'), [[...ids]]);
    });
  }

  test('they_are_counted_and_shown_apart_when_asked_for', async () => {
    await putAside();
    deepEqual(await q.ranges(0, -1, false, 'wait', 'paused'), [['4', '3'], ['2', '1']]);
    deepEqual(await q.counts('wait', 'paused', 'failed'), [2, 2, 0]);
    deepEqual(await q.counts('wait'), [4]);
    deepEqual(await q.countsPerPriority(0), [4]);
  });

  test('sorted_states_are_in_order_either_way', async () => {
    await given([{delay: 20}], [{delay: 10}]);
    deepEqual(await q.ranges(0, -1, false, 'delayed', 'failed'), [['1', '2'], []]);
    deepEqual(await q.ranges(0, 0, true, 'delayed'), [['2']]);
  });

  test('others_stand_in_for_jobs_that_are_gone', async () => {
    await given([{}], [{}], [{}], [{}]);
    await redis.del(q.key('4'), q.key('2'));
    const ids = async (...args) => (await q.jobs(...args, 'wait'))[0].map(([id]) => id);
    deepEqual(await ids(0, 1, false, 5), ['3', '1']);
    deepEqual(await ids(0, 1, false, 1), ['3']);
    deepEqual(await ids(0, 1, true, 2), ['1', '3']);
    deepEqual(await ids(0, -1, false, 5), ['3', '1']);
  });

  test('a_job_comes_whole', async () => {
    await given([{}]);
    deepEqual(await q.jobs(0, 0, false, 5, 'wait', 'failed'), [[['1', ['name', 'n', 'data', '{}', 'opts', '{}',
      'timestamp', '1000', 'delay', '0', 'priority', '0']]], []]);
  });

  test('priorities_are_counted', async () => {
    await given([{}], [{priority: 1}], [{priority: 2}], [{priority: 2}]);
    deepEqual(await q.countsPerPriority(2, 1, 0, 3), [2, 1, 1, 0]);
  });

  test('the_limiter_holds_as_long_as_its_window_is_open', async () => {
    equal(await q.limitTtl(), -2);
    equal(await q.limitTtl(2), 0);
    await redis.set(q.key('limiter'), 2, 'PX', 50000);
    for (const [max, own, held] of [[0, '', true], [2, '', true], [3, '', false], [0, '2', true], [0, '3', false], [2, '3', true]]) {
      await (own ? meta('max', own) : redis.del(q.key('meta')));
      const ttl = await q.limitTtl(max);
      equal(ttl > 40000 && ttl <= 50000, held, `${max} ${own}`);
    }
  });

  test('a_queue_is_maxed_when_as_many_run_as_may', async () => {
    await meta('concurrency', '2', 'paused', '1');
    await push('active', 'a');
    equal(await q.isMaxed(), null);
    await push('active', 'b');
    equal(await q.isMaxed(), 1);
    await meta('concurrency', 'odd');
    equal(await q.isMaxed(), null);
  });

  test('a_job_is_in_a_list_or_not', async () => {
    await push('wait', 'a', 'b');
    deepEqual([await q.isInList('wait', 'b'), await q.isInList('wait', 'c')], [1, null]);
  });

  test('children_are_counted_by_how_they_are', async () => {
    await redis.sadd(q.key('p:dependencies'), 'a', 'b');
    await redis.hset(q.key('p:processed'), 'c', '1', 'd', '1', 'e', '1');
    await redis.hset(q.key('p:failed'), 'f', 'why');
    deepEqual(await q.dependencyCounts('p', 'failed', 'unprocessed', 'ignored', 'processed'), [0, 2, 1, 3]);
  });

  test('metrics_are_as_they_were_counted', async () => {
    deepEqual(await q.metrics('completed'), [[null, null, null], [], 0]);
    await redis.hset(q.key('metrics:completed'), 'count', 5, 'prevTS', 7, 'prevCount', 4);
    await push('metrics:completed:data', 1, 2, 3);
    deepEqual(await q.metrics('completed', 0, 1), [['5', '7', '4'], ['1', '2'], 3]);
  });

  test('a_deduplication_key_is_released_by_its_holder_only', async () => {
    await redis.set(q.key('de:d'), '1');
    equal(await q.removeDedup('d', '2'), 0);
    equal(await q.removeDedup('d', '1'), 1);
    equal(await exists('de:d'), 0);
  });

  test('a_scheduler_comes_with_its_next_time', async () => {
    await redis.hset(q.key('repeat:s'), 'name', 'n', 'ic', 1);
    deepEqual(await q.scheduler('s'), []);
    await redis.zadd(q.key('repeat'), 1795225557484, 's');
    deepEqual(await q.scheduler('s'), [['name', 'n', 'ic', '1'], '1795225557484']);
  });

  test('a_page_of_a_set_or_a_hash', async () => {
    deepEqual(await q.page('none', 0, -1), [0, 0, [], 0]);
    await redis.sadd(q.key('set'), 1, 2, 3);
    deepEqual(await q.page('set', 0, -1), ['0', 3, ['1', '2', '3'], 3, []]);
    deepEqual(await q.page('set', 1, 1), ['0', 2, ['2'], 3, []]);
    deepEqual(await q.page('set', 5, 9), ['0', 3, [], 3, []]);
    await redis.hset(q.key('hash'), 'a', 1, 'b', 2);
    deepEqual(await q.page('hash', 1, 9), ['0', 2, [['b', '2']], 2, []]);
    await push('list', 1);
    deepEqual(await q.page('list', 0, -1), [0, 0, [], 0]);
  });

  test('a_page_may_bring_the_jobs_along', async () => {
    await given([{}]);
    await redis.hset(q.key('p:processed'), q.key('1'), '1', q.key('gone'), '2');
    const [, , items, , jobs] = await q.page('p:processed', 0, -1, {jobs: true});
    deepEqual(items, [[q.key('1'), '1'], [q.key('gone'), '2']]);
    deepEqual([jobs[0][0], jobs[1]], ['name', []]);
  });

  test('a_large_set_is_read_page_by_page', async () => {
    await redis.sadd(q.key('set'), ...Array(3000).keys());
    const seen = new Set();
    let [cursor, passed, items] = [0, 0, []];
    do {
      [cursor, passed, items] = await q.page('set', 0, -1, {cursor, passed});
      for (const item of items) seen.add(item);
      equal(items.length < 1000, true);
    } while (cursor !== '0');
    equal(seen.size, 3000);
    deepEqual((await q.page('set', 5, 14))[2].length, 10);
  });
});

// A root that waits for mid, which waits for leaf and had done.
async function tree() {
  await q.add({}, {id: 'root', isParent: true});
  await q.add({}, {id: 'mid', isParent: true, parent: {key: q.key('root')}});
  await q.add({}, {id: 'done', parent: {key: q.key('mid')}});
  await q.fetch();
  await q.add({}, {id: 'leaf', parent: {key: q.key('mid')}});
  await q.finish('done');
  await quiet();
}

// A scheduler whose next job is due at 5000.
async function scheduled(opts = {delay: 4000}) {
  await redis.zadd(q.key('repeat'), 5000, 's');
  await redis.hset(q.key('repeat:s'), 'ic', 1, 'name', 'n');
  await q.add(opts, {id: 'repeat:s:5000', rjk: 's'});
  await quiet();
}

describe('removing', () => {
  for (const [state, opts] of [['wait', {}], ['prioritized', {priority: 1}], ['delayed', {delay: 5}]]) {
    test(`a_job_in_${state}_goes_with_its_keys`, async () => {
      await given([opts]);
      await push('1:logs', 'line');
      equal(await q.remove('1'), 1);
      deepEqual([await exists('1'), await exists('1:logs'), await exists(state)], [0, 0, 0]);
      deepEqual(await q.events(), [`removed jobId 1 prev ${state}`]);
    });
  }

  test('a_job_that_ended_goes_too_and_one_put_aside', async () => {
    await ended('completed');
    await given([{}]);
    await redis.rename(q.key('wait'), q.key('paused'));
    deepEqual([await q.remove('1'), await q.remove('2'), await q.remove('x')], [1, 1, 1]);
    deepEqual([await exists('completed'), await exists('paused')], [0, 0]);
    deepEqual(await q.events(), ['removed jobId 1 prev completed', 'removed jobId 2 prev paused']);
  });

  test('a_job_that_runs_stays', async () => {
    await given([{}]);
    await q.fetch();
    equal(await q.remove('1'), 0);
    equal(await exists('1'), 1);
  });

  test('the_next_run_of_a_scheduler_stays', async () => {
    await scheduled();
    equal(await q.remove('repeat:s:5000'), -8);
    await redis.zadd(q.key('repeat'), 6000, 's');
    equal(await q.remove('repeat:s:5000'), 1);
  });

  test('its_deduplication_id_is_free_whatever_its_time', async () => {
    await given([{de: {id: 'd', ttl: 100000}}]);
    await redis.hset(q.key('dn:d'), 'name', 'n');
    await q.remove('1');
    deepEqual([await exists('de:d'), await exists('dn:d')], [0, 0]);
    await given([{de: {id: 'd'}}]);
    await redis.set(q.key('de:d'), 'other');
    await q.remove('2');
    equal(await exists('de:d'), 1);
  });

  test('a_tree_goes_with_all_children_unless_one_runs', async () => {
    await tree();
    await q.fetch();
    equal(await q.remove('root', true), 0);
    await redis.del(q.key('leaf:lock'));
    equal(await q.remove('root', true), 1);
    deepEqual((await redis.keys('*')).sort().map(key => key.slice(7)), ['events', 'id', 'marker', 'meta']);
  });

  test('without_its_children_only_the_job_goes_and_its_parent_runs', async () => {
    await tree();
    equal(await q.remove('mid'), 1);
    deepEqual(await q.list('wait'), ['leaf', 'root']);
    deepEqual([await exists('mid'), await exists('leaf'), await exists('done')], [0, 1, 1]);
  });

  test('a_circle_of_children_is_walked_once', async () => {
    await tree();
    await redis.sadd(q.key('leaf:dependencies'), q.key('root'), 'odd');
    equal(await q.remove('root', true), 1);
    equal(await exists('leaf'), 0);
  });

  test('children_not_run_yet_go_and_the_parent_runs', async () => {
    await tree();
    await q.removeUnprocessedChildren('mid');
    deepEqual([await exists('leaf'), await exists('done')], [0, 1]);
    deepEqual(await q.list('wait'), ['mid']);
  });

  test('children_that_run_stay_at_every_depth', async () => {
    await tree();
    await q.fetch();
    await q.removeUnprocessedChildren('root');
    deepEqual([await exists('mid'), await exists('leaf')], [0, 1]);
  });

  test('a_child_may_leave_its_parent', async () => {
    await tree();
    equal(await q.removeChildDependency('leaf', q.key('root')), 1);
    equal(await q.removeChildDependency('x', q.key('mid')), -1);
    equal(await q.removeChildDependency('leaf', q.key('x')), -5);
    equal(await q.removeChildDependency('leaf', q.key('mid')), 0);
    equal(await q.removeChildDependency('leaf', q.key('mid')), 1);
    deepEqual(await q.list('wait'), ['leaf', 'mid']);
    equal((await q.hash('leaf')).parent, undefined);
  });

  test('a_scheduler_goes_with_its_delayed_job', async () => {
    await scheduled();
    equal(await q.removeScheduler('s'), 0);
    equal(await q.removeScheduler('s'), 1);
    deepEqual([await exists('repeat'), await exists('repeat:s'), await exists('repeat:s:5000')], [0, 0, 0]);
    deepEqual(await q.events(), ['removed jobId repeat:s:5000 prev delayed']);
  });

  test('a_scheduler_s_job_that_waits_already_stays', async () => {
    await scheduled({});
    equal(await q.removeScheduler('s'), 0);
    deepEqual(await q.list('wait'), ['repeat:s:5000']);
  });

  test('jobs_in_no_state_are_orphans', async () => {
    await given([{}]);
    for (const id of ['lost', 'runs']) await redis.hset(q.key(id), 'name', 'n');
    await push('lost:logs', 'line');
    await push('active', 'runs');
    equal(await q.removeOrphans(['wait', 'active', 'delayed'], ['logs', 'lock'], ['1', 'lost', 'runs', 'meta', 'wait', 'x']), 1);
    deepEqual([await exists('lost'), await exists('lost:logs'), await exists('runs'), await exists('1'), await exists('meta')],
      [0, 0, 1, 1, 1]);
  });
});

describe('cleaning', () => {
  for (const [state, opts, limited] of [['wait', {}, ['2', '1']], ['delayed', {delay: 9}, ['1', '2']], ['prioritized', {priority: 1}, ['1', '2']]]) {
    test(`old_jobs_in_${state}_go_as_many_as_asked`, async () => {
      await given([opts, {at: 1000}], [opts, {at: 1010}], [opts, {at: 1020}], [opts, {at: 1030}]);
      deepEqual(await q.clean(state, 1020, 2), limited);
      deepEqual(await q.clean(state, 1020), ['3']);
      deepEqual(await q.clean(state, 1), []);
      deepEqual((await q.ranges(0, -1, false, state))[0], ['4']);
      deepEqual([await exists('1'), await exists('4')], [0, 1]);
      deepEqual(await q.events(), ['cleaned count 2', 'cleaned count 1', 'cleaned count 0']);
    });
  }

  test('jobs_put_aside_are_the_oldest_that_wait', async () => {
    await given([{}], [{}], [{}], [{}]);
    for (const _ of [1, 2]) await redis.lmove(q.key('wait'), q.key('paused'), 'RIGHT', 'LEFT');
    deepEqual(await q.clean('wait', 9000, 1), ['1']);
    deepEqual(await q.clean('wait', 9000, 2), ['2', '3']);
    deepEqual(await q.list('wait'), ['4']);
  });

  test('ended_jobs_go_by_when_they_ended', async () => {
    for (const _ of [1, 2]) await ended('completed');
    await redis.zadd(q.key('completed'), 3001, '2');
    deepEqual(await q.clean('completed', 3000), ['1']);
  });

  test('running_jobs_and_the_next_run_of_a_scheduler_stay', async () => {
    await scheduled();
    await given([{}], [{}]);
    await q.fetch();
    await q.fetch();
    await redis.del(q.key('3:lock'));
    deepEqual(await q.clean('active', 9000), ['3']);
    deepEqual(await q.clean('delayed', 9000), []);
    deepEqual(await q.list('active'), ['2']);
  });

  test('the_last_child_takes_its_parents_along', async () => {
    await tree();
    deepEqual(await q.clean('wait', 9000), ['leaf']);
    deepEqual([await exists('mid'), await exists('root'), await exists('waiting-children')], [0, 0, 0]);
  });

  test('a_parent_elsewhere_is_let_run', async () => {
    const other = new ScriptQueue(redis, 'bull:other:');
    await other.add({}, {id: 'p', isParent: true});
    await given([{}, {parent: {key: other.key('p')}}]);
    await q.clean('wait', 9000);
    deepEqual(await other.list('wait'), ['p']);
  });

  for (const [delayed, left] of [[false, ['2', 'repeat:s:5000']], [true, ['repeat:s:5000']]]) {
    test(`draining_${delayed ? 'also' : 'not'}_what_is_delayed`, async () => {
      await given([{}], [{delay: 5}], [{priority: 1}]);
      await scheduled();
      await push('paused', 'aside');
      equal(await q.drain(delayed), null);
      deepEqual(Object.keys(await q.scores('delayed')), left);
      deepEqual([await exists('wait'), await exists('paused'), await exists('prioritized'), await exists('1')], [0, 0, 0, 0]);
      deepEqual(await q.events(), []);
    });
  }

  test('a_scheduler_s_next_run_stays_in_its_place_in_wait', async () => {
    await given([{}]);
    await scheduled({});
    await given([{}]);
    await q.drain(true);
    deepEqual(await q.list('wait'), ['repeat:s:5000']);
  });
});

describe('obliterating', () => {
  test('only_a_paused_queue_and_running_jobs_only_by_force', async () => {
    await given([{}]);
    await q.fetch();
    equal(await q.obliterate(), -1);
    await q.pause();
    equal(await q.obliterate(), -2);
    equal(await q.obliterate(1000, 'force'), 0);
    equal(await redis.dbsize(), 0);
  });

  test('some_jobs_a_call_until_nothing_is_left', async () => {
    for (const as of ['completed', 'failed']) await ended(as);
    await given([{}], [{}], [{priority: 1}], [{delay: 5}]);
    await scheduled();
    await q.pause();
    await push('paused', 'aside');
    const answers = [];
    do answers.push(await q.obliterate(2)); while (answers.at(-1) === 1);
    deepEqual(answers, [1, 1, 1, 1, 0]);
    equal(await redis.dbsize(), 0);
  });
});

test('a_full_redis_can_be_paused_and_emptied', async () => {
  await ended('completed');
  await given([{}], [{}], [{delay: 5}], [{delay: 5}]);
  await redis.config('SET', 'maxmemory', '1');
  try {
    equal(await q.pause(), 0);
    equal(await q.promote('4'), 0);
    equal(await q.remove('2'), 1);
    equal(await q.moveToWait('completed'), 0);
    deepEqual(await q.clean('delayed', 9000), ['5']);
    await q.drain(true);
    equal(await q.resume(), 0);
    await q.pause();
    equal(await q.obliterate(1000, 'force'), 0);
    equal(await redis.dbsize(), 0);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
});
