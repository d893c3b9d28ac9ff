// Ending a job for good: moveToFinished, what it keeps and what it counts.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {asObject, exists, family, given, meta, q, redis, running, set} from './commands.mjs';

const {equal, deepEqual} = assert;

describe('ending a job', () => {
  test('completed', async () => {
    const id = await running();
    equal(await q.finish(id, {value: '{"v":1}', at: 3000}), 0);
    deepEqual(await q.scores('completed'), {1: 3000});
    const {returnvalue, finishedOn, atm} = await q.hash(id);
    deepEqual({returnvalue, finishedOn, atm}, {returnvalue: '{"v":1}', finishedOn: '3000', atm: '1'});
    equal(await exists('active'), 0);
    equal(await exists('1:lock'), 0);
    deepEqual(await q.events(), ['completed jobId 1 returnvalue {"v":1} prev active', 'drained']);
  });

  test('failed', async () => {
    const id = await running();
    await redis.hset(q.key(id), 'defa', 'gone with it');
    equal(await q.fail(id, {fields: ['failedReason', 'why', 'stacktrace', '["s"]'], attempts: 1}), 0);
    deepEqual(await q.scores('failed'), {1: 3000});
    const {failedReason, stacktrace, defa, atm} = await q.hash(id);
    deepEqual({failedReason, stacktrace, defa, atm},
      {failedReason: 'why', stacktrace: '["s"]', defa: undefined, atm: '1'});
    deepEqual(await q.events(), ['failed jobId 1 failedReason why prev active',
      'retries-exhausted jobId 1 attemptsMade 1', 'drained']);
  });

  test('an_early_failure_has_attempts_left_and_does_not_say_exhausted', async () => {
    const id = await running();
    await q.fail(id, {attempts: 2});
    deepEqual(await q.events(), ['failed jobId 1 failedReason why prev active', 'drained']);
  });

  test('fetching_the_next_job_comes_with_the_answer', async () => {
    const id = await running();
    await given([]);
    const reply = await q.finish(id, {next: true, at: 3000, name: 'w'});
    deepEqual(reply.slice(1), ['2', 0, 0]);
    equal(asObject(reply[0]).pb, 'w');
    equal(await redis.get(q.key('2:lock')), 't');
    deepEqual(await q.events(),
      ['completed jobId 1 returnvalue 1 prev active', 'active jobId 2 prev waiting']);
  });

  test('without_a_next_job_a_delayed_one_s_time_is_told', async () => {
    const id = await running();
    await given([{delay: 9000}]);
    deepEqual(await q.finish(id, {next: true}), [0, 0, 0, 10000]);
    deepEqual(await q.events(), ['completed jobId 1 returnvalue 1 prev active']);
  });

  test('a_blocked_queue_answers_zeros_and_an_empty_one_zero', async () => {
    const id = await running();
    await meta('paused', '1');
    deepEqual(await q.finish(id, {next: true}), [0, 0, 0, 0]);
    await redis.hdel(q.key('meta'), 'paused');
    equal(await q.finish(await running(), {next: true}), 0);
    equal((await q.events()).at(-1), 'drained');
  });

  test('drained_is_said_only_when_nothing_waits_or_runs', async () => {
    const id = await running();
    await given([{priority: 1}]);
    await q.finish(id);
    deepEqual(await q.events(), ['completed jobId 1 returnvalue 1 prev active']);
  });

  const refusals = [
    ['a_job_that_is_gone', -1, id => redis.del(q.key(id))],
    ['a_lock_that_is_gone', -2, id => redis.del(q.key(`${id}:lock`))],
    ['another_s_lock', -6, id => redis.set(q.key(`${id}:lock`), 'other')],
    ['a_job_that_is_not_active', -3, () => redis.del(q.key('active'))],
    ['pending_children', -4, id => redis.sadd(q.key(`${id}:dependencies`), 'bull:q:c')],
    ['failed_children', -9, id => redis.zadd(q.key(`${id}:unsuccessful`), 1, 'bull:q:c')],
  ];
  for (const [name, code, arrange] of refusals) {
    test(`${name}_is_refused_with_${code}`, async () => {
      const id = await running();
      await arrange(id);
      equal(await q.finish(id), code);
      equal(await exists('completed'), 0);
      deepEqual(await q.events(), []);
    });
  }

  test('a_job_that_is_not_active_loses_its_lock_all_the_same', async () => {
    const id = await running();
    await redis.del(q.key('active'));
    await q.finish(id);
    equal(await exists(`${id}:lock`), 0);
  });

  test('a_failure_minds_no_children', async () => {
    const id = await running();
    await redis.sadd(q.key(`${id}:dependencies`), 'bull:q:c');
    equal(await q.fail(id), 0);
  });

  test('a_hash_that_is_gone_is_not_recreated', async () => {
    const id = await running();
    await redis.del(q.key(id));
    equal(await q.finish(id), -1);
    equal(await q.retry(id), -1);
    equal(await q.delay(id, 10), -1);
    equal(await q.back(id), -1);
    equal(await q.waitForChildren(id), -1);
    equal(await exists(id), 0);
  });

  test('the_job_is_no_longer_under_suspicion', async () => {
    const id = await running();
    await redis.sadd(q.key('stalled'), id);
    await q.finish(id);
    equal(await exists('stalled'), 0);
  });

  test('an_odd_attempts_count_starts_from_zero', async () => {
    const id = await running();
    await redis.hset(q.key(id), 'atm', 'x');
    equal(await q.finish(id), 0);
    equal((await q.hash(id)).atm, '1');
  });
});

describe('keeping finished jobs', () => {
  const finishOne = async options => {
    const id = await running();
    await q.finish(id, options);
    return id;
  };
  const keys = id => ['', ':logs', ':dependencies', ':processed', ':failed', ':unsuccessful'].map(s => q.key(id + s));

  test('count_0_removes_all_six_keys_and_still_tells', async () => {
    const id = await running();
    await redis.rpush(q.key(`${id}:logs`), 'x');
    await redis.hset(q.key(`${id}:processed`), 'x', '1');
    await redis.hset(q.key(`${id}:failed`), 'x', '1');
    equal(await q.finish(id, {keep: {count: 0}}), 0);
    equal(await redis.exists(...keys(id)), 0);
    equal(await exists('completed'), 0);
    equal((await q.events())[0], 'completed jobId 1 returnvalue 1 prev active');
  });

  test('count_0_of_a_failure_removes_its_children_s_keys', async () => {
    const id = await running();
    await redis.sadd(q.key(`${id}:dependencies`), 'bull:q:c');
    await redis.zadd(q.key(`${id}:unsuccessful`), 1, 'bull:q:c');
    await q.fail(id, {keep: {count: 0}});
    equal(await redis.exists(...keys(id)), 0);
  });

  test('count_keeps_the_newest', async () => {
    for (let i = 1; i <= 4; i++) await finishOne({keep: {count: 2}, at: 3000 + i});
    deepEqual(Object.keys(await q.scores('completed')), ['3', '4']);
    equal(await exists('2'), 0);
  });

  test('a_backlog_is_removed_a_thousand_a_call', async () => {
    await redis.zadd(q.key('completed'), ...Array.from({length: 1500}, (_, i) => [i, `o${i}`]).flat());
    await finishOne({keep: {count: 1}});
    equal(await redis.zcard(q.key('completed')), 501);
    await finishOne({keep: {count: 1}});
    deepEqual(Object.keys(await q.scores('completed')), ['2']);
  });

  test('age_is_in_seconds', async () => {
    await finishOne({at: 10000});
    await finishOne({at: 10001});
    await finishOne({at: 20000, keep: {age: 10}});
    deepEqual(Object.keys(await q.scores('completed')), ['2', '3']);
    equal(await exists('1'), 0);
  });

  test('ageing_stops_at_its_limit_newest_of_the_old_first', async () => {
    for (let i = 1; i <= 3; i++) await finishOne({at: 3000 + i});
    await finishOne({at: 900000, keep: {age: 10, limit: 2}});
    deepEqual(Object.keys(await q.scores('completed')), ['1', '4']);
  });

  test('age_and_count_go_together', async () => {
    for (let i = 1; i <= 4; i++) await finishOne({at: i * 10000});
    await finishOne({at: 50000, keep: {age: 25, count: 2}});
    deepEqual(Object.keys(await q.scores('completed')), ['4', '5']);
  });

  test('count_minus_1_and_nothing_keep_all', async () => {
    await finishOne({keep: {count: -1}});
    await finishOne({keep: {}});
    equal(await redis.zcard(q.key('completed')), 2);
  });

  test('odd_numbers_lose_no_job', async () => {
    for (const keep of [{count: 1.5}, {count: 'x'}, {age: 10, limit: 2.5}, {age: 'x', limit: -1}, {count: -7}]) {
      const id = await running();
      equal(await q.finish(id, {keep, metrics: 2.5}), 0);
      assert((await q.scores('completed'))[id]);
    }
  });

  test('a_child_that_is_aged_away_leaves_its_parent', async () => {
    const {key, children: [child]} = await family([{}]);
    await q.fail(child, {at: 3000});
    deepEqual(await set('parent:dependencies'), [q.key(child)]);
    await finishOne({at: 90000});
    await q.fail(await running(), {at: 90000, keep: {age: 1}});
    equal(await redis.exists(`${key}:dependencies`), 0);
    deepEqual(await q.list('wait'), ['parent']);
  });
});

describe('metrics', () => {
  const minute = 60000;
  const finishAt = async (at, metrics = 3) => q.finish(await running(), {at, metrics});

  test('nothing_is_counted_unless_asked', async () => {
    await finishAt(minute, '');
    equal(await exists('metrics:completed'), 0);
  });

  test('the_first_job_starts_the_clock', async () => {
    await finishAt(minute);
    deepEqual(await q.hash('metrics:completed'), {count: '1', prevTS: String(minute), prevCount: '0'});
    equal(await exists('metrics:completed:data'), 0);
  });

  test('a_minute_that_has_passed_is_a_point_and_idle_ones_are_zeros', async () => {
    await finishAt(minute);
    await finishAt(minute + 59999);
    await finishAt(4 * minute);
    deepEqual(await q.list('metrics:completed:data'), ['0', '0', '2']);
    deepEqual(await q.hash('metrics:completed'),
      {count: '3', prevTS: String(4 * minute), prevCount: '2'});
    await finishAt(5 * minute);
    deepEqual(await q.list('metrics:completed:data'), ['1', '0', '0']);
  });

  test('minutes_are_the_clock_s', async () => {
    await finishAt(2 * minute - 1);
    await finishAt(2 * minute);
    await finishAt(4 * minute);
    deepEqual(await q.list('metrics:completed:data'), ['0', '1', '1']);
  });

  test('a_list_of_one_point_is_enough', async () => {
    for (const at of [minute, 2 * minute, 4 * minute]) await finishAt(at, 1);
    deepEqual(await q.list('metrics:completed:data'), ['1']);
    await redis.hdel(q.key('metrics:completed'), 'prevCount');
    await finishAt(5 * minute, 1);
    deepEqual(await q.list('metrics:completed:data'), ['3']);
  });

  test('a_long_idle_time_costs_no_more_than_the_list_is_long', async () => {
    await finishAt(minute, 5000);
    await finishAt(99999 * minute, 5000);
    equal(await redis.llen(q.key('metrics:completed:data')), 5000);
    deepEqual((await q.list('metrics:completed:data')).slice(-1), ['1']);
  });

  test('failures_have_their_own', async () => {
    await q.fail(await running(), {metrics: 5});
    equal((await q.hash('metrics:failed')).count, '1');
  });
});
