// Deduplication, in every mode.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {exists, given, q, redis, running, set} from './commands.mjs';

const {equal, deepEqual} = assert;

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
      equal(await D(), '2');
    }
  });

  test('a_throttle_of_a_part_of_a_millisecond_is_none_and_the_rest_is_whole', async () => {
    await q.add(de({ttl: 0.5}));
    equal(await ttl(), -1);
    await redis.flushall();
    await q.add(de({ttl: 59000.9}));
    const left = await ttl();
    assert(left > 50000 && left <= 59000, String(left));
    await redis.flushall();
    await q.add(de({ttl: 1}));
    assert(await ttl() <= 1);
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

  test('the_latest_duplicate_leaves_nothing_of_the_one_before', async () => {
    await running(de({keepLastIfActive: true}));
    await q.add({}, {id: 'p', isParent: true});
    const parent = {key: q.key('p')};
    await q.add(de({keepLastIfActive: true}), {parent, rjk: 's'});
    const {pk, pd, pdk, rjk} = await q.hash('dn:d');
    deepEqual([pk, JSON.parse(pd).id, pdk, rjk], [q.key('p'), 'p', q.key('p:dependencies'), 's']);
    await q.add(de({keepLastIfActive: true}));
    deepEqual(Object.keys(await q.hash('dn:d')).sort(), ['data', 'jid', 'name', 'opts']);
  });

  test('the_running_job_s_key_lasts_until_it_ends', async () => {
    await running(de({ttl: 60000}));
    await q.add(de({keepLastIfActive: true}));
    equal(await ttl(), -1);
  });

  test('a_kept_duplicate_waits_as_its_options_say', async () => {
    for (const [opts, place] of [[{}, 'wait'], [{lifo: true}, 'wait'], [{priority: 3}, 'prioritized'], [{delay: 1},
      'delayed']]) {
      await redis.flushall();
      const id = await running(de({keepLastIfActive: true}));
      await given([{}]);
      await q.add({...opts, ...de({keepLastIfActive: true})}, {rjk: 's'});
      await q.finish(id);
      const [next] = (await q.ranges(0, -1, false, place))[0].filter(other => other !== '2');
      equal(next, '3');
      equal((await q.hash('3')).rjk, 's');
      deepEqual(await q.list('wait'), {wait: opts.lifo ? ['2', '3'] : ['3', '2']}[place] ?? ['2']);
      equal(Object.keys(await q.scores('marker'))[0], opts.delay ? '1' : '0');
    }
  });

  test('a_kept_duplicate_comes_even_if_the_key_has_gone', async () => {
    const id = await running(de({keepLastIfActive: true}));
    await q.add(de({keepLastIfActive: true}));
    await redis.del(q.key('de:d'));
    await q.finish(id);
    deepEqual([await q.list('wait'), await D()], [['2'], '2']);
  });

  test('but_not_when_the_key_is_another_s', async () => {
    const id = await running(de({keepLastIfActive: true}));
    await q.add(de({keepLastIfActive: true}));
    await redis.set(q.key('de:d'), 'other');
    await q.finish(id);
    deepEqual([await q.list('wait'), await D(), await exists('dn:d')], [[], 'other', 1]);
  });

  for (const missing of ['jid', 'name', 'data', 'opts']) {
    test(`a_kept_duplicate_without_${missing}_is_forgotten`, async () => {
      const id = await running(de({keepLastIfActive: true}));
      await q.add(de({keepLastIfActive: true}));
      await redis.hdel(q.key('dn:d'), missing);
      equal(await q.finish(id), 0);
      deepEqual([await q.list('wait'), await D(), await exists('dn:d'), await redis.get(q.key('id'))], [[], null, 0,
        '2']);
    });
  }

  test('a_kept_duplicate_never_overwrites_a_job_of_its_id', async () => {
    const id = await running(de({keepLastIfActive: true}));
    await q.add(de({keepLastIfActive: true}), {id: 'mine', data: '{"new":1}'});
    await redis.hset(q.key('mine'), 'name', 'old');
    await q.finish(id);
    deepEqual([await q.hash('mine'), await q.list('wait')], [{name: 'old'}, []]);
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
