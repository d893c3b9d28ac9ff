// Each command of lua/ by itself: its answer, the keys it leaves, the events it emits.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {after, before, beforeEach, describe, test} from 'node:test';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts, readScripts, root} from '../support/scripts.mjs';
import {pack, ScriptQueue} from './queue.mjs';

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

const fetched = reply => reply[1];
const asObject = flat => Object.fromEntries(flat.flatMap((f, i) => (i % 2 ? [] : [[f, flat[i + 1]]])));
const set = async suffix => (await redis.smembers(q.key(suffix))).sort();
const exists = suffix => redis.exists(q.key(suffix));
const meta = (...fields) => redis.hset(q.key('meta'), ...fields);

// Add jobs and forget how they came, so that a test sees its own events only.
async function given(...adds) {
  const ids = [];
  for (const [opts, more] of adds) ids.push(await q.add(opts, more));
  await q.forgetEvents();
  await redis.del(q.key('marker'));
  return ids;
}

// A job that is active under the token t.
async function running(opts = {}, more) {
  const [id] = await given([opts, more]);
  if (opts.delay) await redis.zadd(q.key('delayed'), 0, id);
  equal(fetched(await q.fetch()), id);
  await q.forgetEvents();
  await redis.del(q.key('marker'));
  return id;
}

// A parent in waiting-children, and children of it that are active under the token t.
async function family(flags = [{}], parentOpts = {}, parentMore = {}) {
  const parent = await q.add(parentOpts, {id: 'parent', isParent: true, ...parentMore});
  const key = q.key(parent);
  const children = [];
  for (const flag of flags) {
    children.push(await q.add({}, {parent: {key, flags: flag}}));
    await q.fetch();
  }
  await q.forgetEvents();
  await redis.del(q.key('marker'));
  return {key, children};
}

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

  test('thousands_of_running_jobs_are_watched', async () => {
    await redis.lpush(q.key('active'), ...Array.from({length: 9500}, (_, i) => `a${i}`));
    await q.checkStalled();
    equal(await redis.scard(q.key('stalled')), 9500);
  });
});

describe('deduplication', () => {
  const D = () => redis.get(q.key('de:d'));
  const ttl = () => redis.pttl(q.key('de:d'));
  const de = more => ({de: {id: 'd', ...more}});

  test('the_second_job_is_the_first', async () => {
    equal(await q.add(de()), '1');
    equal((await q.hash('1')).deid, 'd');
    deepEqual([await D(), await ttl()], ['1', -1]);
    await q.forgetEvents();
    equal(await q.add(de()), '1');
    equal(await exists('2'), 0);
    equal(await redis.get(q.key('id')), '2');
    deepEqual(await q.events(), ['deduplicated jobId 1 deduplicationId d deduplicatedJobId 2']);
  });

  test('every_kind_of_add_asks', async () => {
    await q.add(de());
    equal(await q.add({...de(), delay: 10}), '1');
    equal(await q.add({...de(), priority: 1}), '1');
    equal(await q.add(de(), {isParent: true}), '1');
  });

  test('a_known_id_goes_before_deduplication', async () => {
    await given([{}, {id: 'mine'}], [de()]);
    equal(await q.add(de(), {id: 'mine'}), 'mine');
    deepEqual(await q.events(), ['duplicated jobId mine']);
  });

  test('the_id_is_free_when_the_job_ends', async () => {
    await q.finish(await running(de()));
    equal(await D(), null);
    equal(await q.add(de()), '2');
  });

  test('another_s_key_is_left_alone_at_the_end', async () => {
    const id = await running(de());
    await redis.set(q.key('de:d'), 'other');
    await q.finish(id);
    equal(await D(), 'other');
  });

  test('a_throttle_outlives_the_job_and_the_job_s_hash', async () => {
    const id = await running(de({ttl: 60000}));
    assert((await ttl()) > 59000);
    await q.finish(id, {keep: {count: 0}});
    equal(await q.add(de({ttl: 60000})), id);
  });

  test('extend_renews_the_throttle_for_the_winner', async () => {
    await q.add(de({ttl: 60000, extend: true}));
    await redis.pexpire(q.key('de:d'), 1000);
    equal(await q.add(de({ttl: 60000, extend: true})), '1');
    deepEqual([await D(), (await ttl()) > 59000], ['1', true]);
  });

  test('without_extend_the_throttle_is_not_renewed', async () => {
    await q.add(de({ttl: 60000}));
    await redis.pexpire(q.key('de:d'), 1000);
    await q.add(de({ttl: 60000}));
    assert((await ttl()) <= 1000);
  });

  test('replace_takes_the_place_of_a_delayed_job', async () => {
    await given([{...de({replace: true}), delay: 100}]);
    equal(await q.add({...de({replace: true}), delay: 200}), '2');
    equal(await exists('1'), 0);
    deepEqual(Object.keys(await q.scores('delayed')), ['2']);
    equal(await D(), '2');
    deepEqual(await q.events(), ['removed jobId 1 prev delayed',
      'deduplicated jobId 2 deduplicationId d deduplicatedJobId 1', 'added jobId 2 name n',
      'delayed jobId 2 delay 1200']);
  });

  test('replace_keeps_the_time_to_live_unless_it_extends', async () => {
    for (const [extend, low, high] of [[undefined, 0, 1000], [true, 59000, 60000]]) {
      await redis.flushall();
      await q.add({...de({replace: true, ttl: 60000, extend}), delay: 100});
      await redis.pexpire(q.key('de:d'), 1000);
      equal(await q.add({...de({replace: true, ttl: 60000, extend}), delay: 100}), '2');
      const left = await ttl();
      assert(left > low && left <= high, `${extend}: ${left}`);
    }
  });

  test('replace_of_a_job_elsewhere_is_silent', async () => {
    await given([de({replace: true})]);
    equal(await q.add(de({replace: true})), '1');
    deepEqual(await q.events(), []);
  });

  test('a_parent_of_a_flow_never_replaces', async () => {
    await given([{...de({replace: true}), delay: 100}]);
    equal(await q.add(de({replace: true}), {isParent: true}), '1');
    deepEqual(await q.events(), ['deduplicated jobId 1 deduplicationId d deduplicatedJobId 2']);
  });

  test('a_replaced_child_leaves_its_parent', async () => {
    await q.add({}, {id: 'parent', isParent: true});
    const parent = {key: q.key('parent')};
    await q.add({...de({replace: true}), delay: 100}, {parent});
    await q.add({...de({replace: true}), delay: 100}, {parent});
    deepEqual(await set('parent:dependencies'), [q.key('3')]);
    deepEqual(Object.keys(await q.scores('waiting-children')), ['parent']);
    await q.add({...de({replace: true}), delay: 100});
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('keepLastIfActive_keeps_the_latest_duplicate_of_a_running_job', async () => {
    const id = await running(de({keepLastIfActive: true, ttl: 60000}));
    equal(await ttl(), -1);
    for (const [name, x] of [['b', '1'], ['c', '2']])
      equal(await q.add({...de({keepLastIfActive: true}), priority: 4}, {name, data: x}), id);
    const {opts, ...kept} = await q.hash('dn:d');
    deepEqual(kept, {name: 'c', data: '2', jid: '3'});
    equal(JSON.parse(opts).priority, 4);
    await q.forgetEvents();

    await q.finish(id, {at: 5000});
    const {name, data, deid, timestamp, priority} = await q.hash('3');
    deepEqual({name, data, deid, timestamp, priority},
      {name: 'c', data: '2', deid: 'd', timestamp: '5000', priority: '4'});
    equal(await exists('dn:d'), 0);
    deepEqual([await D(), await ttl(), await redis.get(q.key('id'))], ['3', -1, '4']);
    deepEqual(Object.keys(await q.scores('prioritized')), ['3']);
    deepEqual(await q.events(), ['added jobId 3 name c', 'waiting jobId 3',
      'completed jobId 1 returnvalue 1 prev active']);
  });

  test('the_kept_duplicate_may_be_delayed_or_a_child', async () => {
    const id = await running(de({keepLastIfActive: true}));
    await q.add({}, {id: 'parent', isParent: true});
    const parent = {key: q.key('parent'), flags: {fpof: true}};
    await q.add({...de({keepLastIfActive: true}), delay: 70}, {parent});
    await q.finish(id, {at: 5000});
    deepEqual(await q.scores('delayed'), {3: 5070 * 4096});
    deepEqual(await set('parent:dependencies'), [q.key('3')]);
    equal((await q.hash('3')).parentKey, q.key('parent'));
    deepEqual(JSON.parse((await q.hash('3')).parent), {id: 'parent', queueKey: 'bull:q', fpof: true});
  });

  test('keepLastIfActive_of_a_job_that_is_not_active_keeps_nothing', async () => {
    await given([de({keepLastIfActive: true})]);
    equal(await q.add(de({keepLastIfActive: true})), '1');
    equal(await exists('dn:d'), 0);
    deepEqual(await q.events(), ['deduplicated jobId 1 deduplicationId d deduplicatedJobId 2']);
  });

  test('a_winner_that_vanished_gives_way', async () => {
    await q.add(de());
    await redis.del(q.key('1'));
    equal(await q.add(de()), '2');
    equal(await D(), '2');
  });

  test('odd_data_of_a_kept_duplicate_loses_nothing_else', async () => {
    const id = await running(de({keepLastIfActive: true}));
    await redis.hset(q.key('dn:d'), 'name', 'b', 'data', '1', 'jid', 'x', 'opts', 'not json');
    equal(await q.finish(id), 0);
    deepEqual(await q.list('wait'), ['x']);
  });
});

describe('flows', () => {
  test('a_parent_waits_and_its_children_know_it', async () => {
    await q.add({}, {id: 'parent', isParent: true, at: 1234});
    await q.add({priority: 1}, {parent: {key: q.key('parent'), flags: {fpof: true}}});
    deepEqual(await q.scores('waiting-children'), {parent: 1234});
    deepEqual(await set('parent:dependencies'), [q.key('2')]);
    const {parentKey, parent} = await q.hash('2');
    equal(parentKey, q.key('parent'));
    deepEqual(JSON.parse(parent), {id: 'parent', queueKey: 'bull:q', fpof: true});
    deepEqual((await q.events()).slice(0, 2), ['added jobId parent name n', 'waiting-children jobId parent']);
  });

  test('the_last_child_to_complete_releases_the_parent', async () => {
    const {children: [first, second]} = await family([{}, {}]);
    await q.finish(first, {value: '"a"'});
    deepEqual(Object.keys(await q.scores('waiting-children')), ['parent']);
    await q.finish(second, {value: '"b"'});
    deepEqual(await q.hash('parent:processed'), {[q.key(first)]: '"a"', [q.key(second)]: '"b"'});
    equal(await exists('parent:dependencies'), 0);
    deepEqual(await q.list('wait'), ['parent']);
    assert((await q.events()).includes('waiting jobId parent prev waiting-children'));
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('a_parent_goes_to_the_front_or_by_its_priority_or_after_its_delay', async () => {
    for (const [opts, look, expected] of [
      [{}, () => q.list('wait'), ['3', 'parent']],
      [{priority: 6}, () => q.scores('prioritized'), {parent: 6 * 2 ** 32 + 1}],
      [{delay: 40}, () => q.scores('delayed'), {parent: 3040 * 4096}],
    ]) {
      await redis.flushall();
      const {children: [child]} = await family([{}], opts);
      await given([]);
      await q.finish(child);
      deepEqual(await look(), expected);
    }
  });

  test('a_parent_in_another_queue_is_released_there', async () => {
    const other = new ScriptQueue(redis, 'bull:other:');
    await other.add({}, {id: 'parent', isParent: true});
    await other.forgetEvents();
    const id = await running({}, {parent: {key: other.key('parent')}});
    await q.finish(id);
    deepEqual(await other.list('wait'), ['parent']);
    deepEqual(await other.events(), ['waiting jobId parent prev waiting-children']);
    deepEqual(await other.scores('marker'), {0: 0});
    equal(await exists('wait'), 0);
  });

  test('a_blocked_parent_s_queue_gets_no_marker', async () => {
    const other = new ScriptQueue(redis, 'bull:other:');
    await other.add({}, {id: 'parent', isParent: true});
    await redis.hset(other.key('meta'), 'paused', '1');
    await q.finish(await running({}, {parent: {key: other.key('parent')}}));
    deepEqual(await other.list('wait'), ['parent']);
    equal(await redis.exists(other.key('marker')), 0);
  });

  test('without_a_flag_a_failed_child_keeps_its_parent_waiting', async () => {
    const {children: [child]} = await family([{}]);
    await q.fail(child);
    deepEqual(await set('parent:dependencies'), [q.key(child)]);
    deepEqual(Object.keys(await q.scores('waiting-children')), ['parent']);
  });

  test('fpof_has_the_next_worker_fail_the_parent', async () => {
    const {key, children: [child]} = await family([{fpof: true}, {}]);
    await q.fail(child, {at: 3000});
    deepEqual(await q.scores('parent:unsuccessful'), {[q.key(child)]: 3000});
    deepEqual(await set('parent:dependencies'), [q.key('3')]);
    equal((await q.hash('parent')).defa, `child ${q.key(child)} failed`);
    deepEqual(await q.list('wait'), ['parent']);
    assert((await q.events()).includes('waiting jobId parent prev waiting-children'));
    equal(fetched(await q.fetch()), 'parent');
    equal(await q.finish('parent'), -4);
    await redis.del(`${key}:dependencies`);
    equal(await q.finish('parent'), -9);
  });

  test('fpof_goes_on_upwards', async () => {
    await q.add({}, {id: 'top', isParent: true});
    const {children: [child]} = await family([{fpof: true}], {},
      {parent: {key: q.key('top'), flags: {fpof: true}}});
    await q.fail(child);
    const parent = fetched(await q.fetch());
    await q.fail(parent, {value: (await q.hash(parent)).defa});
    equal((await q.hash('top')).defa, `child ${q.key('parent')} failed`);
    deepEqual(await q.list('wait'), ['top']);
    deepEqual(await q.scores('top:unsuccessful'), {[q.key('parent')]: 3000});
  });

  test('fpof_takes_a_parent_that_waits_for_a_retry', async () => {
    const {children: [child]} = await family([{fpof: true}]);
    await redis.zrem(q.key('waiting-children'), 'parent');
    await redis.zadd(q.key('delayed'), 9e9 * 4096, 'parent');
    await redis.hset(q.key('parent'), 'delay', '99');
    await q.fail(child);
    equal(await exists('delayed'), 0);
    equal((await q.hash('parent')).delay, '0');
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('fpof_only_marks_a_parent_that_runs_and_not_one_that_failed', async () => {
    for (const [state, defa] of [['active', `child ${q.key('2')} failed`], ['failed', undefined]]) {
      await redis.flushall();
      const {children: [child]} = await family([{fpof: true}]);
      await redis.zrem(q.key('waiting-children'), 'parent');
      if (state === 'failed') await redis.zadd(q.key('failed'), 1, 'parent');
      await q.fail(child);
      equal((await q.hash('parent')).defa, defa);
      equal(await exists('wait'), 0);
    }
  });

  test('cpof_releases_the_parent_at_once', async () => {
    const {children: [child, other]} = await family([{cpof: true}, {}]);
    await q.fail(child, {value: 'why'});
    deepEqual(await q.hash('parent:failed'), {[q.key(child)]: 'why'});
    deepEqual(await set('parent:dependencies'), [q.key(other)]);
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('idof_remembers_the_failure_and_releases_when_nothing_pends', async () => {
    const {children: [child, other]} = await family([{idof: true}, {}]);
    await q.fail(child, {value: 'why'});
    deepEqual(await q.hash('parent:failed'), {[q.key(child)]: 'why'});
    equal(await exists('wait'), 0);
    await q.finish(other);
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('rdof_forgets_the_child', async () => {
    const {children: [child]} = await family([{rdof: true}]);
    await q.fail(child);
    equal(await redis.exists(q.key('parent:failed'), q.key('parent:dependencies')), 0);
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('a_flag_does_nothing_for_a_child_the_parent_does_not_know', async () => {
    const {children: [child]} = await family([{fpof: true}]);
    await redis.srem(q.key('parent:dependencies'), q.key(child));
    await q.fail(child);
    equal((await q.hash('parent')).defa, undefined);
    equal(await exists('parent:unsuccessful'), 0);
  });

  test('garbage_in_parent_is_no_flag_and_no_error', async () => {
    for (const parent of ['not json', '[1]', '7', '{"fpof":"yes"}', 'null']) {
      await redis.flushall();
      const {children: [child]} = await family([{fpof: true}]);
      await redis.hset(q.key(child), 'parent', parent);
      equal(await q.fail(child), 0);
      deepEqual(await set('parent:dependencies'), [q.key(child)]);
    }
  });

  test('a_parent_key_without_a_queue_is_no_error', async () => {
    const id = await running();
    await redis.hset(q.key(id), 'parentKey', 'nonsense', 'parent', '{"fpof":true}');
    await redis.sadd('nonsense:dependencies', q.key(id));
    equal(await q.fail(id, {keep: {count: 0}}), 0);
  });

  test('a_removed_child_frees_a_parent_that_waited_for_it_alone', async () => {
    const {children: [child]} = await family([{}], {priority: 5});
    await q.fail(child, {keep: {count: 0}});
    equal(await exists('parent:dependencies'), 0);
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('a_parent_that_was_removed_is_not_recreated', async () => {
    for (const flag of [{}, {fpof: true}, {cpof: true}, {rdof: true}]) {
      await redis.flushall();
      const {children: [child]} = await family([flag]);
      await redis.del(q.key('parent'));
      equal(flag.fpof || flag.cpof || flag.rdof ? await q.fail(child) : await q.finish(child), 0);
      equal(await exists('parent'), 0);
      equal(await exists('wait'), 0);
    }
  });

  test('a_known_child_gets_the_parent_that_asks', async () => {
    await q.add({}, {id: 'parent', isParent: true});
    await given([{}, {id: 'c'}]);
    equal(await q.add({}, {id: 'c', parent: {key: q.key('parent')}}), 'c');
    deepEqual(await set('parent:dependencies'), [q.key('c')]);
    equal((await q.hash('c')).parentKey, q.key('parent'));
    deepEqual(await q.events(), ['duplicated jobId c']);
  });

  test('a_known_child_that_completed_reports_at_once', async () => {
    await q.finish(await running({}, {id: 'c'}), {value: '"done"'});
    await q.add({}, {id: 'parent', isParent: true});
    await q.add({}, {id: 'c', parent: {key: q.key('parent')}});
    deepEqual(await q.hash('parent:processed'), {[q.key('c')]: '"done"'});
    equal(await exists('parent:dependencies'), 0);
    deepEqual(await q.list('wait'), ['parent']);
  });

  test('a_parent_may_be_left_waiting_while_its_children_are_added', async () => {
    await q.finish(await running({}, {id: 'c'}));
    await q.add({}, {id: 'parent', isParent: true});
    await q.add({}, {id: 'c', parent: {key: q.key('parent'), stays: true}});
    deepEqual(Object.keys(await q.scores('waiting-children')), ['parent']);
  });

  test('a_child_of_another_living_parent_is_refused', async () => {
    await q.add({}, {id: 'one', isParent: true});
    await q.add({}, {id: 'two', isParent: true});
    await q.add({}, {id: 'c', parent: {key: q.key('one')}});
    equal(await q.add({}, {id: 'c', parent: {key: q.key('two')}}), -7);
    equal((await q.hash('c')).parentKey, q.key('one'));
    await redis.del(q.key('one'));
    equal(await q.add({}, {id: 'c', parent: {key: q.key('two')}}), 'c');
    equal((await q.hash('c')).parentKey, q.key('two'));
  });

  test('a_running_job_waits_for_the_children_it_added', async () => {
    const id = await running();
    equal(await q.waitForChildren(id), 1);
    await q.add({}, {id: 'c', parent: {key: q.key(id)}});
    await q.forgetEvents();
    equal(await q.waitForChildren(id, {child: q.key('else')}), 1);
    equal(await q.waitForChildren(id, {child: q.key('c'), at: 4000}), 0);
    deepEqual(await q.scores('waiting-children'), {[id]: 4000});
    equal(await redis.exists(q.key('active'), q.key(`${id}:lock`)), 0);
    deepEqual(await q.events(), [`waiting-children jobId ${id} prev active`]);
  });

  test('waiting_for_children_asks_failures_lock_and_active', async () => {
    const id = await running();
    await redis.sadd(q.key(`${id}:dependencies`), q.key('c'));
    equal(await q.waitForChildren(id, {token: 'u'}), -6);
    await redis.zadd(q.key(`${id}:unsuccessful`), 1, q.key('d'));
    equal(await q.waitForChildren(id), -9);
    await redis.del(q.key(`${id}:unsuccessful`), q.key('active'));
    equal(await q.waitForChildren(id), -3);
    equal(await q.waitForChildren(id), -2);
  });
});

describe('schedulers', () => {
  const every = async (id, ms, fields = {}) => {
    await redis.zadd(q.key('repeat'), ms, id);
    await redis.hset(q.key(`repeat:${id}`), {name: 'tick', ic: 1, every: 1000, data: '{"t":1}', ...fields});
  };
  const fetchedId = (id, ms) => `repeat:${id}:${ms}`;

  test('the_next_job_is_one_interval_later', async () => {
    await every('s', 5000);
    const opts = {repeat: {count: 2}, jobId: 'x', delay: 0};
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 5100, opts}), 'repeat:s:6000');
    const {opts: stored, ...rest} = await q.hash('repeat:s:6000');
    deepEqual(rest, {name: 'tick', data: '{"t":1}', timestamp: '5100', delay: '900', priority: '0', rjk: 's'});
    deepEqual(JSON.parse(stored),
      {repeat: {count: 2}, jobId: 'repeat:s:6000', delay: 900, prevMillis: 6000});
    deepEqual(await q.scores('repeat'), {s: 6000});
    deepEqual(await q.scores('delayed'), {'repeat:s:6000': 6000 * 4096});
    equal((await q.hash('repeat:s')).ic, '2');
    equal(await redis.get(q.key('id')), '1');
    deepEqual(await q.events(), ['added jobId repeat:s:6000 name tick', 'delayed jobId repeat:s:6000 delay 6000']);
  });

  test('missed_times_are_skipped_and_the_offset_kept', async () => {
    await every('s', 5250, {offset: 250});
    equal(await q.iterate('s', fetchedId('s', 5250), {at: 9100}), 'repeat:s:9250');
    await redis.flushall();
    await every('s', 5250, {offset: 250});
    equal(await q.iterate('s', fetchedId('s', 5250), {at: 9400}), 'repeat:s:10250');
  });

  test('a_pattern_s_time_is_the_caller_s', async () => {
    await every('s', 5000);
    await redis.hdel(q.key('repeat:s'), 'every', 'data');
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 5100, next: 7777}), 'repeat:s:7777');
    equal((await q.hash('repeat:s:7777')).data, '{}');
  });

  test('a_time_that_has_come_is_waiting_at_once', async () => {
    await every('s', 5000);
    await redis.hdel(q.key('repeat:s'), 'every');
    await q.iterate('s', fetchedId('s', 5000), {at: 8000, next: 7000, opts: {priority: 2}});
    deepEqual(Object.keys(await q.scores('prioritized')), ['repeat:s:7000']);
  });

  test('nothing_is_added_for_an_unknown_scheduler_or_an_older_job', async () => {
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 5100}), null);
    await every('s', 5000);
    equal(await q.iterate('s', fetchedId('s', 4000), {at: 5100}), null);
    deepEqual(await q.scores('repeat'), {s: 5000});
    deepEqual(await q.events(), []);
  });

  test('an_iteration_that_exists_is_a_duplicate', async () => {
    await every('s', 5000);
    await redis.hset(q.key('repeat:s:6000'), 'name', 'x');
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 5100}), null);
    deepEqual(await q.events(), ['duplicated jobId repeat:s:6000']);
  });
});

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

describe('a full Redis', () => {
  test('refuses_adds_and_lets_running_jobs_end', async () => {
    const parent = await family([{}]);
    const [a, b, c, d] = [await running(), await running(), await running(), await running()];
    await given([]);
    await q.add({delay: 10}, {id: 'later'});
    await redis.sadd(q.key('stalled'), d);
    await redis.del(q.key(`${d}:lock`));
    const before = await q.hash('meta');
    await redis.config('SET', 'maxmemory', '1');
    try {
      for (const opts of [{}, {delay: 1}, {priority: 1}]) await assert.rejects(q.add(opts), /OOM/);
      equal(await exists('8'), 0);
      deepEqual(await q.hash('meta'), before);
      equal(await q.extend(a), 1);
      deepEqual(await q.checkStalled(), [d]);
      equal(fetched(await q.fetch()), d);
      equal(await q.retry(b), 0);
      equal(await q.delay(c, 10), 0);
      assert.notEqual(fetched(await q.finish(a, {next: true})), 0);
      await q.finish(parent.children[0]);
      equal(await q.finish(d, {keep: {count: 0}}), 0);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });
});

test('no_script_raises_on_an_empty_queue', async () => {
  equal(await q.finish('x'), -1);
  equal(await q.retry('x'), -1);
  equal(await q.delay('x', 1), -1);
  equal(await q.back('x'), -1);
  deepEqual(await q.fetch(), [0, 0, 0, 0]);
  deepEqual(await q.checkStalled(), []);
});

test('luacheck_has_nothing_to_say', t => {
  for (const {name, lua} of readScripts()) {
    const {error, status, stdout} = spawnSync('luacheck',
      ['--no-color', '--config', `${root}/.luacheckrc`, '--filename', name, '-'], {input: lua});
    if (error?.code === 'ENOENT' && !process.env.CI) return t.skip('luacheck is not installed');
    equal(error, undefined);
    equal(status, 0, `${name}\n${stdout}`);
  }
});
