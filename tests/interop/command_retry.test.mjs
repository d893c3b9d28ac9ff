// Jobs that run again: retries, locks, stalled jobs.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {asObject, ended, exists, fetched, given, q, redis, running, set} from './commands.mjs';
import {pack} from './queue.mjs';

const {equal, deepEqual} = assert;

describe('trying again', () => {
  test('a_retry_goes_to_the_back_and_counts_an_attempt', async () => {
    const id = await running();
    await given([]);
    equal(await q.retry(id, {fields: ['failedReason', 'oops', 'stacktrace', '["s"]']}), 0);
    deepEqual(await q.list('wait'), ['1', '2']);
    const {atm, failedReason, processedOn} = await q.hash(id);
    deepEqual([atm, failedReason, processedOn], ['1', 'oops', '2000']);
    equal(await exists('1:lock'), 0);
    deepEqual(await q.events(), ['waiting jobId 1 prev active']);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('a_lifo_retry_goes_to_the_front', async () => {
    const id = await running();
    await given([]);
    await q.retry(id, {push: 'RPUSH'});
    deepEqual(await q.list('wait'), ['2', '1']);
  });

  test('a_retry_with_a_priority_gets_a_new_place', async () => {
    const id = await running({priority: 2});
    await given([{priority: 2}]);
    await q.retry(id);
    deepEqual(await q.scores('prioritized'), {2: 2 * 2 ** 32 + 2, 1: 2 * 2 ** 32 + 3});
  });

  test('a_retry_promotes_what_is_due', async () => {
    const id = await running();
    await given([{delay: 10}]);
    await q.retry(id);
    deepEqual(await q.list('wait'), ['1', '2']);
  });

  test('a_delayed_retry_counts_an_attempt_and_sets_the_marker', async () => {
    const id = await running();
    equal(await q.delay(id, 500, {fields: ['failedReason', 'oops']}), 0);
    deepEqual(await q.scores('delayed'), {1: 3500 * 4096});
    const {atm, delay, failedReason} = await q.hash(id);
    deepEqual([atm, delay, failedReason], ['1', '500', 'oops']);
    deepEqual(await q.events(), ['delayed jobId 1 delay 3500']);
    deepEqual(await q.scores('marker'), {1: 3500});
  });

  test('a_job_that_delays_itself_makes_no_attempt', async () => {
    const id = await running();
    await q.delay(id, 500, {skip: true});
    equal((await q.hash(id)).atm, undefined);
  });

  test('delaying_can_fetch_the_next_job', async () => {
    const id = await running();
    await given([]);
    equal(fetched(await q.delay(id, 500, {next: {token: 'u'}})), '2');
    equal(await redis.get(q.key('2:lock')), 'u');
    equal(await q.delay('2', 500, {token: 'u', next: {token: 'u'}}), 0);
  });

  test('back_to_wait_is_to_the_front_without_an_attempt', async () => {
    const id = await running();
    await given([]);
    equal(await q.back(id), 0);
    deepEqual(await q.list('wait'), ['2', '1']);
    equal((await q.hash(id)).atm, undefined);
    deepEqual(await q.events(), ['waiting jobId 1 prev active']);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('back_to_wait_is_to_the_front_of_the_priority_and_tells_the_limit', async () => {
    const id = await running({priority: 3});
    await redis.set(q.key('limiter'), '1', 'PX', 5000);
    assert((await q.back(id)) > 4000);
    deepEqual(await q.scores('prioritized'), {1: 3 * 2 ** 32});
    equal(await exists('marker'), 0);
  });

  test('back_to_wait_of_a_job_that_is_not_active_moves_nothing', async () => {
    const id = await running();
    await redis.del(q.key('active'));
    equal(await q.back(id), 0);
    equal(await exists('wait'), 0);
  });

  for (const [name, act] of Object.entries({
    retry: id => q.retry(id), delay: id => q.delay(id, 10), back: id => q.back(id),
  })) {
    test(`${name}_asks_the_lock`, async () => {
      const id = await running();
      await redis.set(q.key('1:lock'), 'other');
      equal(await act(id), -6);
      await redis.del(q.key('1:lock'));
      equal(await act(id), -2);
      deepEqual(await q.list('active'), ['1']);
    });
  }

  test('retry_and_delay_ask_active_and_have_written_their_fields_by_then', async () => {
    for (const act of [(id, o) => q.retry(id, o), (id, o) => q.delay(id, 10, o)]) {
      const id = await running();
      await redis.del(q.key('active'));
      equal(await act(id, {fields: ['failedReason', 'late']}), -3);
      equal((await q.hash(id)).failedReason, 'late');
      equal(await exists(`${id}:lock`), 0);
    }
  });

  for (const [name, ends, place] of [['finish', id => q.finish(id, {token: '0'}), 'completed'],
    ['retry', id => q.retry(id, {token: '0'}), 'waiting'], ['delay', id => q.delay(id, 5, {token: '0'}), 'delayed'],
    ['back', id => q.back(id, {token: '0'}), 'waiting']]) {
    test(`${name}_with_token_0_asks_no_lock`, async () => {
      await given([{}]);
      await q.fetch({token: '0'});
      assert(await ends('1') <= 0);
      equal(await q.state('1'), place);
    });
  }

  test('a_job_without_a_priority_field_has_none', async () => {
    for (const ends of [id => q.retry(id), id => q.back(id)]) {
      const id = await running();
      await redis.hdel(q.key(id), 'priority');
      equal(await ends(id), 0);
      deepEqual(await q.list('wait'), [id]);
      await redis.flushall();
    }
    await given([{delay: 5}]);
    await redis.hdel(q.key('1'), 'priority');
    equal(fetched(await q.fetch()), '1');
  });

  test('priority_1_is_a_priority_too', async () => {
    await q.back(await running({priority: 1}));
    deepEqual(await q.scores('prioritized'), {1: 2 ** 32});
    deepEqual(await q.events(), ['waiting jobId 1 prev active']);
    equal(await q.changePriority('1', 1, {lifo: true}), 0);
    deepEqual(await q.scores('prioritized'), {1: 2 ** 32});
  });

  test('a_negative_delay_is_none', async () => {
    const id = await running();
    await q.delay(id, -500, {at: 3000});
    deepEqual(await q.scores('delayed'), {[id]: 3000 * 4096});
  });

  test('an_odd_attempts_count_loses_no_job', async () => {
    for (const act of [id => q.retry(id), id => q.delay(id, 10)]) {
      await redis.flushall();
      const id = await running();
      await redis.hset(q.key(id), 'atm', 'x');
      equal(await act(id), 0);
    }
  });
});

describe('locks', () => {
  test('the_holder_extends_and_is_no_longer_suspected', async () => {
    const id = await running();
    await redis.sadd(q.key('stalled'), id);
    equal(await q.extend(id, {duration: 99000}), 1);
    assert((await redis.pttl(q.key('1:lock'))) > 98000);
    equal(await exists('stalled'), 0);
  });

  test('others_do_not', async () => {
    const id = await running();
    await redis.sadd(q.key('stalled'), id);
    equal(await q.extend(id, {token: 'u'}), 0);
    deepEqual(await set('stalled'), [id]);
    await redis.del(q.key('1:lock'));
    equal(await q.extend(id), 0);
    equal(await exists('1:lock'), 0);
  });

  test('a_worker_s_locks_are_extended_together', async () => {
    for (let i = 0; i < 3; i++) await running();
    await redis.set(q.key('2:lock'), 'other');
    await redis.sadd(q.key('stalled'), '1', '2', '3');
    const lost = await q.run('extendLocks', ['stalled'], q.prefix, pack(['t', 't', 't', 't']),
      pack(['1', '2', '3', 'gone']), 77000);
    deepEqual(lost, ['2', 'gone']);
    deepEqual(await set('stalled'), ['2']);
    assert((await redis.pttl(q.key('3:lock'))) > 76000);
  });

  test('a_lock_is_released_by_its_holder_only', async () => {
    const id = await running();
    equal(await q.run('releaseLock', [`${id}:lock`], 'u', id), 0);
    equal(await q.run('releaseLock', [`${id}:lock`], 't', id), 1);
    equal(await q.run('releaseLock', [`${id}:lock`], 't', id), 0);
  });
});

describe('stalled jobs', () => {
  // The checks that follow the first.
  const nextCheck = async options => {
    await redis.del(q.key('stalled-check'));
    return q.checkStalled(options);
  };

  test('a_job_without_a_lock_at_the_second_check_comes_back_to_the_front', async () => {
    const id = await running();
    await given([]);
    deepEqual(await q.checkStalled(), []);
    deepEqual(await set('stalled'), [id]);
    await redis.del(q.key('1:lock'));
    deepEqual(await nextCheck(), [id]);
    deepEqual(await q.list('wait'), ['2', '1']);
    equal(await exists('active'), 0);
    const {stc, atm, defa} = await q.hash(id);
    deepEqual([stc, atm, defa], ['1', undefined, undefined]);
    deepEqual(await q.events(), ['waiting jobId 1 prev active', 'stalled jobId 1']);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('only_one_check_an_interval', async () => {
    await q.checkStalled({interval: 5000, at: 9000});
    equal(await redis.get(q.key('stalled-check')), '9000');
    assert((await redis.pttl(q.key('stalled-check'))) > 4000);
    await running();
    await q.checkStalled();
    equal(await exists('stalled'), 0);
  });

  test('a_locked_job_stays_and_an_ended_one_is_forgotten', async () => {
    const [locked, ended] = [await running(), await running()];
    await q.checkStalled();
    await q.finish(ended);
    await q.forgetEvents();
    deepEqual(await nextCheck(), []);
    deepEqual(await q.list('active'), [locked]);
    deepEqual(await q.events(), []);
  });

  test('too_many_times_and_the_next_worker_fails_it', async () => {
    const id = await running({priority: 7});
    await redis.hset(q.key(id), 'stc', '1');
    await redis.sadd(q.key('stalled'), id);
    await redis.del(q.key('1:lock'));
    deepEqual(await q.checkStalled({max: 1}), [id]);
    deepEqual(await q.list('wait'), [id]);
    equal((await q.hash(id)).defa, 'job stalled more than allowable limit');
    equal(asObject((await q.fetch())[0]).defa, 'job stalled more than allowable limit');
  });

  test('a_living_scheduler_s_job_is_never_given_up', async () => {
    const id = await running({}, {rjk: 'nightly'});
    await redis.zadd(q.key('repeat'), 1, 'nightly');
    await redis.sadd(q.key('stalled'), id);
    await redis.del(q.key('1:lock'));
    deepEqual(await q.checkStalled({max: 0}), [id]);
    equal((await q.hash(id)).defa, undefined);
  });

  test('a_job_that_was_removed_leaves_active_and_nothing_else', async () => {
    const id = await running();
    await redis.sadd(q.key('stalled'), id);
    await redis.del(q.key('1:lock'), q.key(id));
    deepEqual(await q.checkStalled(), []);
    equal(await exists('active'), 0);
    equal(await exists(id), 0);
    equal(await exists('wait'), 0);
  });

  test('the_next_check_is_an_interval_later_and_forgets_old_suspects', async () => {
    await redis.sadd(q.key('stalled'), 'long-gone');
    await q.checkStalled({interval: 5000.9});
    const left = await redis.pttl(q.key('stalled-check'));
    assert(left > 4000 && left <= 5000, String(left));
    equal(await exists('stalled'), 0);
  });

  test('a_suspect_that_is_not_active_is_not_recovered', async () => {
    await given([{}]);
    await redis.sadd(q.key('stalled'), '1');
    deepEqual(await q.checkStalled(), []);
    deepEqual([await q.list('wait'), (await q.hash('1')).stc], [['1'], undefined]);
  });

  test('thousands_of_running_jobs_are_watched', async () => {
    await redis.lpush(q.key('active'), ...Array.from({length: 9500}, (_, i) => `a${i}`));
    await q.checkStalled();
    equal(await redis.scard(q.key('stalled')), 9500);
  });
});
