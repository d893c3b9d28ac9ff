// Asking about jobs and queues, and what a running job says about itself.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {exists, given, meta, push, q, redis, running} from './commands.mjs';

const {equal, deepEqual} = assert;

describe('asking', () => {
  const places = [
    ['completed', id => redis.zadd(q.key('completed'), 1, id), 'completed'],
    ['failed', id => redis.zadd(q.key('failed'), 1, id), 'failed'],
    ['delayed', id => redis.zadd(q.key('delayed'), 1, id), 'delayed'],
    ['prioritized', id => redis.zadd(q.key('prioritized'), 1, id), 'prioritized'],
    ['active', id => redis.lpush(q.key('active'), id), 'active'],
    ['wait', id => redis.lpush(q.key('wait'), id), 'waiting'],
    ['paused', id => redis.lpush(q.key('paused'), id), 'waiting'],
    ['waiting-children', id => redis.zadd(q.key('waiting-children'), 1, id), 'waiting-children'],
    ['nothing', () => {}, 'unknown'],
  ];
  for (const script of ['getState', 'getStateV2']) {
    for (const [place, put, state] of places) {
      test(`${script}_of_a_job_in_${place}_is_${state}`, async () => {
        await put('x');
        equal(await q.state('x', script), state);
      });
    }
  }

  test('isFinished_tells_how', async () => {
    const [done, failed, waits] = [await running(), await running(), 'w'];
    await q.finish(done, {value: '"v"'});
    await q.fail(failed, {fields: ['failedReason', 'why']});
    await q.add({}, {id: waits});
    deepEqual(await Promise.all([done, failed, waits, 'gone'].map(id => q.isFinished(id))), [1, 2, 0, -1]);
    deepEqual(await Promise.all([done, failed, waits].map(id => q.isFinished(id, '1'))),
      [[1, '"v"'], [2, 'why'], [0]]);
    const [code, text] = await q.isFinished('gone', '1');
    equal(code, -1);
    assert(text.includes('bull:q:gone'));
  });

  test('counts_include_jobs_a_5_pause_put_aside', async () => {
    await given([], [{delay: 9}], [{priority: 1}]);
    await redis.lpush(q.key('paused'), 'p');
    await redis.zadd(q.key('completed'), 1, 'c');
    deepEqual(await q.run('getCounts', [''], 'wait', 'delayed', 'prioritized', 'completed', 'active'),
      [2, 1, 1, 1, 0]);
    deepEqual(await q.run('getCounts', [''], 'paused', 'wait', 'failed', 'waiting-children'), [1, 1, 0, 0]);
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

  test('a_page_of_jobs_has_as_many_as_asked', async () => {
    await given([{}], [{}], [{}], [{}]);
    for (const [first, last, ids] of [[0, 0, '4'], [1, 1, '3'], [0, 1, '43'], [3, 9, '1'], [4, 9, ''], [0, -1, '4321'],
      [-1, -1, '1'], [1, -1, '321'], [-2, 2, '2']]) {
      const [found] = await q.jobs(first, last, false, 5, 'wait');
      deepEqual(found.map(([id]) => id).join(''), ids, `${first} to ${last}`);
    }
  });

  test('jobs_that_run_come_oldest_first_too', async () => {
    await given([{}], [{}], [{}]);
    for (const _ of [1, 2, 3]) await q.fetch();
    for (const [ascending, ids] of [[true, '123'], [false, '321']])
      deepEqual((await q.jobs(0, -1, ascending, 5, 'active'))[0].map(([id]) => id).join(''), ids);
  });

  test('of_many_gone_jobs_only_so_many_are_looked_for', async () => {
    await given(...Array.from({length: 6}, () => [{}]));
    for (const id of ['6', '5', '4']) await redis.del(q.key(id));
    const seen = async rounds => (await q.jobs(0, 0, false, rounds, 'wait'))[0].map(([id]) => id);
    deepEqual([await seen(1), await seen(3), await seen(4), await seen(9)], [[], [], ['3'], ['3']]);
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

  test('the_last_of_a_priority_counts_for_it_and_not_for_the_next', async () => {
    await redis.set(q.key('pc'), 2 ** 32 - 2);
    await given([{priority: 1}], [{priority: 2}]);
    deepEqual(await q.countsPerPriority(0, 1, 2, 3), [0, 1, 1, 0]);
  });

  test('the_limiter_holds_as_long_as_its_window_is_open', async () => {
    equal(await q.limitTtl(), -2);
    equal(await q.limitTtl(2), 0);
    await redis.set(q.key('limiter'), 2, 'PX', 50000);
    for (const [max, own, held] of [[0, '', true], [2, '', true], [3, '', false], [0, '2', true], [0, '3', false],
      [2, '3', true]]) {
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

  test('a_page_ends_where_it_is_asked_to', async () => {
    await redis.sadd(q.key('set'), 'a');
    for (const [first, last, items, passed] of [[0, 0, ['a'], 1], [0, -1, ['a'], 1], [1, 5, [], 1]])
      deepEqual(await q.page('set', first, last), ['0', passed, items, 1, []], `${first} to ${last}`);
    await redis.sadd(q.key('set'), ...Array.from({length: 2000}, (_, i) => `m${i}`));
    for (const [first, last, count] of [[0, 0, 1], [0, 9, 10], [5, 5, 1], [3, 4, 2]])
      equal((await q.page('set', first, last, {rounds: 30}))[2].length, count, `${first} to ${last}`);
    const scanned = async rounds => (await q.page('set', 0, -1, {rounds}))[2].length;
    const [none, one, two] = [await scanned(0), await scanned(1), await scanned(2)];
    assert(one > 0 && one < 300 && none === one && two > one && two < 600, `${none} ${one} ${two}`);
    const [cursor, passed] = await q.page('set', 0, -1, {rounds: 1});
    equal(passed, one);
    equal((await q.page('set', 0, -1, {rounds: 1, cursor, passed: 7}))[1] > 7, true);
    equal((await q.page('set', 0, -1, {rounds: 1, cursor: 'x'}))[2].length, one);
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

describe('what a running job says', () => {
  test('data_progress_and_stack_traces_are_stored', async () => {
    const id = await running();
    equal(await q.run('updateData', [id], '{"y":2}'), 0);
    equal(await q.run('updateProgress', [id, 'events', 'meta'], id, '{"p":5}'), 0);
    equal(await q.run('saveStacktrace', [id], '["s"]', 'why'), 0);
    const {data, progress, stacktrace, failedReason} = await q.hash(id);
    deepEqual([data, progress, stacktrace, failedReason], ['{"y":2}', '{"p":5}', '["s"]', 'why']);
    deepEqual(await q.events(), [`progress jobId ${id} data {"p":5}`]);
  });

  test('a_log_keeps_its_last_lines', async () => {
    const id = await running();
    const log = (line, keep) => q.run('addLog', [id, `${id}:logs`], id, line, keep);
    deepEqual([await log('a', ''), await log('b', 2), await log('c', 2)], [1, 2, 2]);
    deepEqual(await q.list(`${id}:logs`), ['b', 'c']);
  });

  test('a_job_that_is_gone_says_nothing', async () => {
    equal(await q.run('updateData', ['x'], '{}'), -1);
    equal(await q.run('updateProgress', ['x', 'events', 'meta'], 'x', '1'), -1);
    equal(await q.run('addLog', ['x', 'x:logs'], 'x', 'line', ''), -1);
    equal(await q.run('saveStacktrace', ['x'], '[]', 'why'), -1);
    equal(await redis.dbsize(), 0);
  });
});
