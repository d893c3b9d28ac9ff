// Adding jobs: the three scripts, and where a paused queue keeps them.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {exists, family, given, meta, q, redis, running} from './commands.mjs';
import {pack} from './queue.mjs';

const {equal, deepEqual} = assert;

describe('adding', () => {
  test('a_fresh_job_has_six_fields_and_is_at_the_back_of_wait', async () => {
    equal(await q.add({attempts: 3}, {data: '{"x":1}', at: 1795225557484}), '1');
    equal(await q.add(), '2');
    deepEqual(await q.hash('1'), {name: 'n', data: '{"x":1}', opts: '{"attempts":3}',
      timestamp: '1795225557484', delay: '0', priority: '0'});
    deepEqual(await q.list('wait'), ['2', '1']);
    deepEqual((await q.events()).slice(0, 2), ['added jobId 1 name n', 'waiting jobId 1']);
    deepEqual(await q.scores('marker'), {0: 0});
    deepEqual(await q.hash('meta'), {'opts.maxLenEvents': '10000'});
  });

  test('lifo_goes_to_the_front', async () => {
    await given([], [{lifo: true}]);
    deepEqual(await q.list('wait'), ['1', '2']);
  });

  test('a_custom_id_uses_up_a_number_too', async () => {
    deepEqual(await given([{}, {id: 'mine'}], []), ['mine', '2']);
  });

  test('a_known_id_stores_nothing_and_says_duplicated', async () => {
    await given([{}, {id: 'mine', name: 'first'}]);
    equal(await q.add({}, {id: 'mine', name: 'second'}), 'mine');
    equal((await q.hash('mine')).name, 'first');
    deepEqual(await q.list('wait'), ['mine']);
    deepEqual(await q.events(), ['duplicated jobId mine']);
  });

  test('delayed_scores_keep_the_order_within_one_millisecond', async () => {
    await q.add({delay: 500});
    await q.add({delay: 500, priority: 3});
    deepEqual(await q.scores('delayed'), {1: 1500 * 4096, 2: 1500 * 4096 + 1});
    deepEqual(await q.scores('marker'), {1: 1500});
    deepEqual((await q.events())[1], 'delayed jobId 1 delay 1500');
  });

  test('the_4097th_job_of_a_millisecond_shares_the_last_score', async () => {
    await redis.zadd(q.key('delayed'), 1500 * 4096 + 4095, 'other');
    await q.add({delay: 500});
    equal((await q.scores('delayed'))[1], 1500 * 4096 + 4095);
  });

  test('the_delay_marker_follows_the_earliest_job', async () => {
    await q.add({delay: 500});
    await q.add({delay: 200});
    await q.add({delay: 900});
    deepEqual(await q.scores('marker'), {1: 1200});
  });

  test('a_large_delayed_score_is_exact', async () => {
    await q.add({delay: 1}, {at: 1795225557484});
    equal((await q.scores('delayed'))[1], 1795225557485 * 4096);
  });

  test('priorities_order_by_number_then_by_arrival', async () => {
    await q.add({priority: 2097151});
    await q.add({priority: 1});
    await q.add({priority: 1});
    deepEqual(await q.scores('prioritized'),
      {1: 2097151 * 2 ** 32 + 1, 2: 2 ** 32 + 2, 3: 2 ** 32 + 3});
    equal(await redis.get(q.key('pc')), '3');
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('the_priority_counter_wraps_at_2_to_the_32', async () => {
    await redis.set(q.key('pc'), 2 ** 32);
    await q.add({priority: 1});
    deepEqual(await q.scores('prioritized'), {1: 2 ** 32 + 1});
  });

  for (const [field, value] of [['paused', '1'], ['concurrency', '0']]) {
    test(`a_queue_blocked_by_${field}_accepts_jobs_without_a_marker`, async () => {
      await meta(field, value);
      await q.add();
      await q.add({priority: 1});
      deepEqual(await q.list('wait'), ['1']);
      equal(await exists('marker'), 0);
    });
  }

  test('a_scheduler_id_is_kept_in_the_job', async () => {
    await q.add({}, {rjk: 'nightly'});
    equal((await q.hash('1')).rjk, 'nightly');
  });

  test('a_missing_parent_is_refused_and_nothing_changes', async () => {
    equal(await q.add({}, {parent: {key: 'bull:q:none'}}), -5);
    equal(await redis.dbsize(), 0);
  });

  test('maxLenEvents_of_meta_is_used_and_kept', async () => {
    await meta('opts.maxLenEvents', '7');
    for (let i = 0; i < 300; i++) await q.add();
    assert((await redis.xlen(q.key('events'))) < 300);
    equal((await q.events()).at(-1), 'waiting jobId 300');
    equal(await redis.hget(q.key('meta'), 'opts.maxLenEvents'), '7');
  });

  test('without_a_priority_it_is_at_the_back_of_wait_whatever_the_script', async () => {
    await given([{}]);
    await q.add({}, {as: 'priority', id: 'p'});
    deepEqual(await q.list('wait'), ['p', '1']);
  });

  test('a_child_may_come_without_the_rest_of_its_parent', async () => {
    await q.add({}, {id: 'p', isParent: true});
    const args = ['bull:q:', '', 'n', 1000, q.key('p')];
    equal(await q.run('addStandardJob', ['wait', 'paused', 'meta', 'id', 'completed', 'delayed', 'active',
      'events', 'marker'], pack(args), '{}', pack({})), '2');
    const {parentKey, parent} = await q.hash('2');
    deepEqual([parentKey, parent, await exists('p:dependencies')], [q.key('p'), '{}', 0]);
  });

  test('options_that_are_no_numbers_count_as_zero', async () => {
    await q.add({delay: 'x', priority: 'y'}, {as: 'standard'});
    const {delay, priority} = await q.hash('1');
    deepEqual([delay, priority], ['0', '0']);
  });
});

describe('a pause of BullMQ 5 and of BullMQ 6', () => {
  const cases = [
    ['an_existing_paused_list_is_followed', {paused: ['x'], wait: []}, 'bullmq:6.2.0', 'paused'],
    ['paused_is_followed_even_beside_wait', {paused: ['x'], wait: ['y']}, 'bullmq:6.2.0', 'paused'],
    ['an_existing_wait_list_is_followed', {paused: [], wait: ['y']}, 'bullmq:5.81.5', 'wait'],
    ['with_neither_a_5_pauses_by_paused', {paused: [], wait: []}, 'bullmq:5.81.5', 'paused'],
    ['with_neither_a_6_pauses_by_wait', {paused: [], wait: []}, 'bullmq:6.7.0', 'wait'],
    ['with_neither_and_no_version_it_is_wait', {paused: [], wait: []}, '', 'wait'],
    ['version_50_is_not_5', {paused: [], wait: []}, 'bullmq:50.0.0', 'wait'],
  ];
  for (const [name, lists, version, target] of cases) {
    test(name, async () => {
      await meta('paused', '1', 'version', version);
      for (const [list, ids] of Object.entries(lists)) if (ids.length) await redis.lpush(q.key(list), ids);
      await q.add({}, {id: 'new'});
      assert((await q.list(target)).includes('new'));
    });
  }

  test('a_retry_follows_the_list_too', async () => {
    const id = await running();
    await meta('paused', '1');
    await redis.lpush(q.key('paused'), 'x');
    equal(await q.retry(id), 0);
    deepEqual(await q.list('paused'), [id, 'x']);
    equal(await exists('marker'), 0);
  });

  test('so_do_promotion_stalled_recovery_back_to_wait_and_released_parents', async () => {
    const parent = await family();
    const [stalled, back] = [await running({}, {id: 's'}), await running({}, {id: 'b'})];
    await q.add({delay: 10}, {id: 'd'});
    await meta('paused', '1');
    await redis.lpush(q.key('paused'), 'x');
    await q.back(back);
    await redis.sadd(q.key('stalled'), stalled);
    await redis.del(q.key('s:lock'));
    await q.checkStalled();
    await q.finish(parent.children[0], {next: true});
    deepEqual(await q.list('paused'), ['d', 'x', 'b', 's', 'parent']);
    equal(await exists('wait'), 0);
  });

  test('jobs_stay_put_while_paused', async () => {
    await given([]);
    await meta('paused', '1');
    deepEqual(await q.fetch(), [0, 0, 0, 0]);
    deepEqual(await q.list('wait'), ['1']);
  });
});
