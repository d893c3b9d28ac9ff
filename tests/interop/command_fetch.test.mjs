// Taking the next job: moveToActive and the rate limiter.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {asObject, exists, fetched, given, meta, q, redis, running} from './commands.mjs';

const {equal, deepEqual} = assert;

describe('fetching', () => {
  test('a_job_is_started_locked_and_handed_over_whole', async () => {
    await given([{attempts: 2}]);
    const [flat, id, limit, next] = await q.fetch({at: 1795225557484, name: 'w1'});
    deepEqual([id, limit, next], ['1', 0, 0]);
    deepEqual(asObject(flat), await q.hash('1'));
    deepEqual(asObject(flat), {name: 'n', data: '{}', opts: '{"attempts":2}', timestamp: '1000',
      delay: '0', priority: '0', processedOn: '1795225557484', ats: '1', pb: 'w1'});
    deepEqual(await q.list('active'), ['1']);
    equal(await redis.get(q.key('1:lock')), 't');
    assert((await redis.pttl(q.key('1:lock'))) > 29000);
    deepEqual(await q.events(), ['active jobId 1 prev waiting']);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('the_latest_start_is_at_the_left_of_active', async () => {
    await given([{}], [{}], [{priority: 1}]);
    for (const _ of [1, 2, 3]) await q.fetch();
    deepEqual(await q.list('active'), ['3', '2', '1']);
  });

  test('the_lock_lasts_as_long_as_asked_or_30_seconds', async () => {
    for (const [lockDuration, low, high] of [[5000, 4000, 5000], [5000.9, 4000, 5000], [undefined, 29000, 30000], [0,
      -3, 1]]) {
      await q.add({}, {id: 'j'});
      await q.fetch({lockDuration});
      const left = await redis.pttl(q.key('j:lock'));
      assert(left > low && left <= high, `${lockDuration}: ${left}`);
      await redis.flushall();
    }
  });

  test('a_second_start_replaces_the_fields_of_the_first', async () => {
    const id = await running();
    await q.retry(id);
    const [flat] = await q.fetch({at: 4000, name: 'w2'});
    equal(flat.filter(x => x === 'processedOn').length, 1);
    deepEqual(asObject(flat), await q.hash('1'));
    deepEqual([asObject(flat).ats, asObject(flat).processedOn, asObject(flat).pb], ['2', '4000', 'w2']);
  });

  test('token_0_takes_no_lock', async () => {
    await given([]);
    equal(fetched(await q.fetch({token: '0'})), '1');
    equal(await exists('1:lock'), 0);
  });

  test('wait_is_emptied_before_prioritized_and_that_by_priority', async () => {
    await given([{priority: 2}], [{priority: 1}], [], [{priority: 1}], []);
    const order = [];
    for (let i = 0; i < 5; i++) order.push(fetched(await q.fetch()));
    deepEqual(order, ['3', '5', '2', '4', '1']);
  });

  test('an_empty_queue_answers_zeros_and_forgets_the_priority_counter', async () => {
    await given([{priority: 1}]);
    await q.fetch();
    equal(await redis.get(q.key('pc')), '1');
    deepEqual(await q.fetch(), [0, 0, 0, 0]);
    equal(await exists('pc'), 0);
  });

  test('the_first_delayed_job_s_time_is_told', async () => {
    await given([{delay: 5000}]);
    deepEqual(await q.fetch({at: 2000}), [0, 0, 0, 6000]);
  });

  test('due_jobs_are_promoted_in_order_and_taken', async () => {
    await given([{delay: 20}], [{delay: 10}], [{delay: 10, priority: 4}], [{delay: 900000}]);
    equal(fetched(await q.fetch({at: 1020})), '2');
    deepEqual(await q.list('wait'), ['1']);
    deepEqual(await q.scores('prioritized'), {3: 4 * 2 ** 32 + 1});
    deepEqual(Object.keys(await q.scores('delayed')), ['4']);
    equal((await q.hash('1')).delay, '0');
    deepEqual(await q.events(), ['waiting jobId 2 prev delayed', 'waiting jobId 3 prev delayed',
      'waiting jobId 1 prev delayed', 'active jobId 2 prev waiting']);
  });

  test('a_job_is_due_within_its_millisecond', async () => {
    await given([{delay: 10}]);
    deepEqual(await q.fetch({at: 1009}), [0, 0, 0, 1010]);
    equal(fetched(await q.fetch({at: 1010})), '1');
  });

  test('promotion_does_not_ask_lifo_and_goes_on_while_paused', async () => {
    await given([], [{delay: 10, lifo: true}]);
    await meta('paused', '1');
    deepEqual(await q.fetch(), [0, 0, 0, 0]);
    deepEqual(await q.list('wait'), ['2', '1']);
    equal(await exists('marker'), 0);
  });

  test('promotion_takes_a_thousand_a_call', async () => {
    const adding = redis.pipeline();
    for (let i = 0; i < 1003; i++) adding.hset(q.key(`d${i}`), 'name', 'n').zadd(q.key('delayed'), i, `d${i}`);
    await adding.exec();
    await q.fetch();
    equal(await redis.zcard(q.key('delayed')), 3);
  });

  test('an_id_whose_hash_is_gone_is_dropped_and_the_next_one_taken', async () => {
    await given([], [], [{priority: 1}], [{priority: 2}]);
    await redis.del(q.key('1'), q.key('2'), q.key('3'));
    equal(fetched(await q.fetch()), '4');
    deepEqual(await q.list('active'), ['4']);
    equal(await exists('1'), 0);
    deepEqual(await q.events(), ['active jobId 4 prev waiting']);
  });

  test('dropping_is_bounded_and_the_marker_has_the_next_fetch_go_on', async () => {
    await redis.lpush(q.key('wait'), ...Array.from({length: 1001}, (_, i) => `x${i}`));
    deepEqual(await q.fetch(), [0, 0, 0, 0]);
    equal(await redis.llen(q.key('wait')), 1);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('a_delayed_id_whose_hash_is_gone_is_not_promoted', async () => {
    await given([{delay: 10}]);
    await redis.del(q.key('1'));
    deepEqual(await q.fetch(), [0, 0, 0, 0]);
    equal(await exists('1'), 0);
    equal(await exists('wait'), 0);
  });

  test('odd_counters_and_priorities_do_not_stop_a_fetch', async () => {
    await given([], [{delay: 10}]);
    await redis.hset(q.key('1'), 'ats', 'many');
    await redis.hset(q.key('2'), 'priority', 'high');
    await meta('concurrency', 'x', 'max', 'y', 'opts.maxLenEvents', 'z');
    equal(fetched(await q.fetch()), '1');
    equal((await q.hash('1')).ats, '1');
    equal(fetched(await q.fetch()), '2');
  });

  test('global_concurrency_holds_fetches_until_one_ends', async () => {
    await meta('concurrency', '1');
    await given([], []);
    equal(fetched(await q.fetch()), '1');
    deepEqual(await q.fetch(), [0, 0, 0, 0]);
    equal(fetched(await q.finish('1', {next: true})), '2');
  });
});

describe('the rate limiter', () => {
  const limiter = {max: 2, duration: 5000};

  test('starts_are_counted_in_a_window_that_begins_with_the_first', async () => {
    await given([], [], []);
    equal(fetched(await q.fetch({limiter})), '1');
    const window = await redis.pttl(q.key('limiter'));
    assert(window > 4000 && window <= 5000);
    equal(fetched(await q.fetch({limiter})), '2');
    equal(await redis.get(q.key('limiter')), '2');
    const [hash, id, ttl, next] = await q.fetch({limiter});
    deepEqual([hash, id, next], [0, 0, 0]);
    assert(ttl > 4000 && ttl <= 5000);
    deepEqual(await q.list('wait'), ['3']);
  });

  test('the_queue_s_maximum_goes_first_and_the_worker_s_duration', async () => {
    await meta('max', '1', 'duration', '60000');
    await given([], []);
    await q.fetch({limiter});
    assert((await redis.pttl(q.key('limiter'))) <= 5000);
    assert((await q.fetch({limiter}))[2] > 0);
  });

  test('the_queue_s_own_limit_needs_no_limiter_of_the_worker', async () => {
    await meta('max', '1', 'duration', '60000');
    await given([], []);
    await q.fetch();
    assert((await q.fetch())[2] > 50000);
  });

  test('a_job_that_is_only_to_be_failed_does_not_count', async () => {
    await given([]);
    await redis.hset(q.key('1'), 'defa', 'because');
    equal(fetched(await q.fetch({limiter})), '1');
    equal(await exists('limiter'), 0);
  });

  test('a_manual_limit_holds_only_where_a_maximum_is_set', async () => {
    await given([], []);
    await redis.set(q.key('limiter'), '9007199254740991', 'PX', 5000);
    equal(fetched(await q.fetch()), '1');
    assert((await q.fetch({limiter}))[2] > 4000);
  });

  test('a_counter_without_a_window_limits_nothing', async () => {
    await given([]);
    await redis.set(q.key('limiter'), '99');
    equal(fetched(await q.fetch({limiter})), '1');
  });

  test('only_the_first_start_opens_the_window', async () => {
    await given([{}], [{}]);
    await q.fetch({limiter: {max: 9, duration: 50000.9}});
    const left = await redis.pttl(q.key('limiter'));
    assert(left > 40000 && left <= 50000, String(left));
    await redis.pexpire(q.key('limiter'), 1000);
    await q.fetch({limiter: {max: 9, duration: 50000}});
    assert(await redis.pttl(q.key('limiter')) <= 1000);
  });

  test('an_odd_counter_does_not_stop_a_fetch', async () => {
    await given([]);
    await redis.set(q.key('limiter'), 'x');
    equal(fetched(await q.fetch({limiter})), '1');
  });

  test('due_jobs_are_promoted_while_limited', async () => {
    await given([{delay: 10}]);
    await redis.set(q.key('limiter'), '2', 'PX', 5000);
    await q.fetch({limiter});
    deepEqual(await q.list('wait'), ['1']);
  });
});
