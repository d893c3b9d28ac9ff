// Removing jobs: one, a tree, the old, the waiting, all.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {ended, exists, given, push, q, quiet, redis} from './commands.mjs';
import {ScriptQueue} from './queue.mjs';

const {equal, deepEqual} = assert;

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

  test('children_that_failed_go_with_it_too', async () => {
    await q.add({}, {id: 'p', isParent: true});
    for (const [id, flag] of [['a', 'fpof'], ['b', 'fpof'], ['c', 'idof']]) {
      await q.add({}, {id, parent: {key: q.key('p'), flags: {[flag]: true}}});
      await q.fetch();
    }
    for (const id of ['c', 'a', 'b']) await q.fail(id);
    equal(await q.remove('p', true), 1);
    deepEqual(await redis.keys(q.key('[abcp]')), []);
  });

  test('a_tree_stays_when_a_child_that_ended_runs_again', async () => {
    await tree();
    await redis.set(q.key('done:lock'), 't');
    equal(await q.remove('root', true), 0);
    equal(await q.remove('root', false), 1);
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

  test('what_its_delayed_job_held_goes_too', async () => {
    await scheduled({delay: 4000, de: {id: 'd'}});
    await redis.hset(q.key('dn:d'), 'name', 'n');
    equal(await q.removeScheduler('s'), 0);
    deepEqual([await exists('de:d'), await exists('dn:d')], [0, 0]);
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
    equal(await q.removeOrphans(['wait', 'active', 'delayed'], ['logs', 'lock'], ['1', 'lost', 'runs', 'meta',
      'wait', 'x']), 1);
    deepEqual([await exists('lost'), await exists('lost:logs'), await exists('runs'), await exists('1'),
      await exists('meta')],
      [0, 0, 1, 1, 1]);
  });
});

describe('cleaning', () => {
  for (const [state, opts, limited] of [['wait', {}, ['2', '1']], ['delayed', {delay: 9}, ['1', '2']],
    ['prioritized', {priority: 1}, ['1', '2']]]) {
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

  test('a_scheduler_s_run_that_ended_is_as_old_as_it_is', async () => {
    await scheduled({});
    await q.fetch();
    await q.finish('repeat:s:5000');
    deepEqual(await q.clean('completed', 3000), ['repeat:s:5000']);
  });

  test('an_id_that_only_looks_scheduled_is_not', async () => {
    await scheduled();
    await redis.hdel(q.key('repeat:s:5000'), 'rjk');
    deepEqual(await q.clean('delayed', 9000), ['repeat:s:5000']);
  });

  test('its_deduplication_id_is_free_again', async () => {
    await given([{de: {id: 'd', ttl: 90000}}]);
    await q.clean('wait', 9000);
    equal(await exists('de:d'), 0);
  });

  test('a_time_that_is_none_is_old_and_so_is_a_job_without_any', async () => {
    await given([{}], [{}], [{}]);
    await redis.hset(q.key('1'), 'timestamp', 'x');
    await redis.hdel(q.key('2'), 'timestamp');
    deepEqual(await q.clean('wait', 0), ['2', '1']);
  });

  test('those_that_stay_keep_their_order', async () => {
    await given([{}, {at: 5000}], [{}, {at: 1000}], [{}, {at: 5000}], [{}, {at: 1000}], [{}, {at: 5000}]);
    await q.clean('wait', 2000);
    deepEqual(await q.list('wait'), ['5', '3', '1']);
    const many = Array.from({length: 2500}, (_, i) => `m${i}`);
    await redis.del(q.key('wait'));
    await push('wait', ...many, '2');
    for (const id of many) await redis.hset(q.key(id), 'timestamp', 9000);
    deepEqual(await q.clean('wait', 2000), ['2']);
    deepEqual(await q.list('wait'), many);
  });

  for (const state of ['completed', 'failed']) {
    test(`${state}_ones_go_as_many_as_asked`, async () => {
      for (const _ of [1, 2, 3]) await ended(state);
      deepEqual(await q.clean(state, 9000, 1), ['1']);
      deepEqual(await q.clean(state, 9000, 0), ['2', '3']);
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
      deepEqual([await exists('wait'), await exists('paused'), await exists('prioritized'), await exists('1')], [0,
        0, 0, 0]);
      deepEqual(await q.events(), []);
    });
  }

  test('draining_takes_all_that_a_5_pause_put_aside', async () => {
    await given([{}], [{}], [{}]);
    await redis.rename(q.key('wait'), q.key('paused'));
    await q.drain();
    deepEqual(await redis.keys(q.key('[0-9]*')), []);
  });

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
