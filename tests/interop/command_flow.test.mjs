// Parents and children.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {exists, family, fetched, given, q, redis, running, set} from './commands.mjs';
import {ScriptQueue} from './queue.mjs';

const {equal, deepEqual} = assert;

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

  test('a_parent_that_waits_for_others_goes_on_waiting', async () => {
    const parent = await family([{}, {}]);
    equal(await q.removeChildDependency(parent.children[0], parent.key), 0);
    deepEqual([await q.list('wait'), Object.keys(await q.scores('waiting-children'))], [[], ['parent']]);
    equal(await q.removeChildDependency(parent.children[0], parent.key), 1);
  });

  test('a_parent_without_a_priority_field_has_none', async () => {
    const parent = await family();
    await redis.hdel(parent.key, 'priority', 'delay');
    await q.finish(parent.children[0]);
    deepEqual([await q.list('wait'), await exists('waiting-children')], [['parent'], 0]);
  });

  test('a_released_parent_that_must_wait_has_the_marker_say_when', async () => {
    const parent = await family([{}], {delay: 1});
    await q.finish(parent.children[0], {at: 3000});
    deepEqual([await q.scores('delayed'), await q.scores('marker')], [{parent: 3001 * 4096}, {1: 3001}]);
    deepEqual((await q.events())[0], 'delayed jobId parent delay 3001');
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
