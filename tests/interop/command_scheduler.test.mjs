// Job schedulers.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {exists, given, meta, push, q, quiet, redis} from './commands.mjs';

const {equal, deepEqual} = assert;

const NOW = 50123; // of no slot
const opts = {repeat: {count: 1}};
const upsert = (map, more) => q.upsert('s', map, {at: NOW, opts, ...more});
const nextMs = async () => Number(await redis.zscore(q.key('repeat'), 's'));

// A scheduler whose next job is at `ms` and in a state.
async function scheduled(state, map = {every: 1000}, ms = state === 'delayed' ? NOW + 700 : NOW) {
  const [id] = await upsert({...map, startDate: ms}, {next: ms, opts: {...opts,
    priority: state === 'prioritized' ? 2 : 0}});
  if (state === 'wait') await q.promote(id);
  if (['active', 'completed', 'failed', 'removed'].includes(state)) {
    await q.promote(id);
    await q.fetch();
  }
  if (['completed', 'failed'].includes(state)) await q.finish(id, {as: state});
  if (state === 'removed') await q.finish(id, {keep: {count: 0}});
  await quiet();
  return id;
}

describe('upserting a scheduler', () => {
  test('stores_it_and_adds_its_first_job', async () => {
    const map = {name: 'tick', every: 1000, limit: 5, endDate: 99000, tz: 'UTC'};
    const template = {attempts: 3, priority: 2};
    deepEqual(await upsert(map, {data: '{"a":1}', template, opts: {...opts, ...template}}), ['repeat:s:50123', 0]);
    deepEqual(await q.hash('repeat:s'), {name: 'tick', every: '1000', limit: '5', endDate: '99000', tz: 'UTC',
      offset: '123', ic: '1', data: '{"a":1}', opts: JSON.stringify({priority: 2, attempts: 3})});
    const {opts: stored, ...rest} = await q.hash('repeat:s:50123');
    deepEqual(JSON.parse(stored), {...opts, ...template, jobId: 'repeat:s:50123', delay: 0});
    deepEqual(rest, {name: 'tick', data: '{"a":1}', timestamp: '50123', delay: '0', priority: '2', rjk: 's'});
    deepEqual(Object.keys(await q.scores('prioritized')), ['repeat:s:50123']);
    deepEqual([await nextMs(), await redis.get(q.key('id'))], [50123, '1']);
    deepEqual(await q.events(), ['added jobId repeat:s:50123 name tick', 'waiting jobId repeat:s:50123']);
    deepEqual(await q.scores('marker'), {0: 0});
  });

  test('without_template_data_or_options_none_are_stored', async () => {
    await upsert({every: 1000});
    deepEqual(await q.hash('repeat:s'), {name: 'tick', every: '1000', offset: '123', ic: '1'});
    equal((await q.hash('repeat:s:50123')).data, '{}');
  });

  test('lifo_and_a_deduplication_id_are_the_job_s_but_the_key_is_not_taken', async () => {
    await given([{}]);
    await upsert({every: 1000}, {opts: {lifo: true, de: {id: 'd'}}});
    deepEqual(await q.list('wait'), ['1', 'repeat:s:50123']);
    equal((await q.hash('repeat:s:50123')).deid, 'd');
    equal(await exists('de:d'), 0);
  });

  for (const [name, map, ms, offset] of [
    ['now', {every: 1000}, NOW, 123],
    ['now_without_an_offset_of_its_own', {every: 1000, offset: 0}, NOW, 123],
    ['at_the_start_date', {every: 1000, startDate: 60400}, 60400, 400],
    ['now_when_the_start_is_past', {every: 1000, startDate: 40400, offset: 7}, NOW, 7],
    ['at_the_next_slot_of_the_offset', {every: 1000, offset: 400}, 50400, 400],
    ['at_the_slot_after_when_that_is_past', {every: 1000, offset: 100}, 51100, 100],
    ['at_the_slot_after_when_that_is_now', {every: 1000, offset: 123}, 51123, 123],
    ['when_the_caller_says_for_a_pattern', {pattern: '* * * * *'}, 77777, 0],
  ]) {
    test(`the_first_job_is_due_${name}`, async () => {
      deepEqual(await upsert(map, {next: 77777}), [`repeat:s:${ms}`, ms - NOW]);
      equal((await q.hash('repeat:s')).offset, String(offset));
      deepEqual(await q.scores('delayed'), ms > NOW ? {[`repeat:s:${ms}`]: ms * 4096} : {});
      equal((await q.hash(`repeat:s:${ms}`)).delay, String(ms - NOW));
    });
  }

  for (const state of ['delayed', 'wait', 'prioritized']) {
    test(`a_next_job_in_${state}_is_replaced_and_keeps_its_time`, async () => {
      const id = await scheduled(state);
      const ms = await nextMs();
      await push(`${id}:logs`, 'old');
      await redis.hset(q.key('repeat:s'), 'ic', 7);
      deepEqual(await upsert({every: 1000, offset: 5}, {at: NOW + 100, data: '{"new":1}', opts: {...opts, x: 1}}),
        [id, Math.max(ms - NOW - 100, 0)]);
      equal((await q.hash(id)).data, '{"new":1}');
      equal(await exists(`${id}:logs`), 0);
      deepEqual([...await q.list('wait'), ...Object.keys(await q.scores('delayed')),
        ...Object.keys(await q.scores('prioritized'))], [id]);
      const {ic, offset} = await q.hash('repeat:s');
      deepEqual([ic, offset], ['7', '5']);
      assert(!(await q.events()).some(event => event.startsWith('removed')));
    });
  }

  test('one_put_aside_by_a_5_pause_is_replaced_too', async () => {
    const id = await scheduled('wait');
    await redis.rename(q.key('wait'), q.key('paused'));
    deepEqual(await upsert({every: 1000}), [id, 0]);
    deepEqual([await q.list('wait'), await q.list('paused')], [[id], []]);
  });

  test('another_interval_begins_anew_but_keeps_the_offset', async () => {
    const id = await scheduled('delayed');
    deepEqual(await upsert({every: 3000}, {at: NOW + 10}), [`repeat:s:${NOW + 10}`, 0]);
    deepEqual([await exists(id), await nextMs(), (await q.hash('repeat:s')).offset], [0, NOW + 10, '823']);
  });

  test('a_setting_that_is_not_given_any_more_is_gone', async () => {
    await scheduled('delayed', {every: 1000, limit: 3, tz: 'UTC'});
    await upsert({pattern: '* * * * *'}, {next: 60000});
    deepEqual(await q.hash('repeat:s'), {name: 'tick', pattern: '* * * * *', offset: '823', ic: '1'});
  });

  for (const state of ['active', 'completed', 'failed', 'removed']) {
    test(`after_a_job_that_is_${state}_comes_the_next_slot`, async () => {
      const id = await scheduled(state);
      const left = await q.hash(id);
      deepEqual(await upsert({every: 1000}, {at: NOW + 10}), [`repeat:s:${NOW + 1000}`, 990]);
      deepEqual(await q.hash(id), left);
      equal((await q.hash('repeat:s')).offset, '123');
    });
  }

  for (const [late, map, ms, offset] of [[999, {}, 51123, '123'], [1000, {}, 51123, '123'],
    [1001, {}, 52000, '0'], [1001, {offset: 400}, 51400, '400'], [1877, {}, 53000, '0']]) {
    test(`${late}_ms_later_${map.offset ? 'with_an_offset_' : ''}that_is_at_${ms}`, async () => {
      await scheduled('active');
      equal((await upsert({every: 1000, ...map}, {at: NOW + late}))[0], `repeat:s:${ms}`);
      equal((await q.hash('repeat:s')).offset, offset);
    });
  }

  test('a_slot_that_is_taken_is_skipped_32_times', async () => {
    await scheduled('active');
    for (let i = 1; i <= 32; i++) await redis.hset(q.key(`repeat:s:${NOW + i * 1000}`), 'name', 'x');
    deepEqual(await upsert({every: 1000}), [`repeat:s:${NOW + 33000}`, 33000]);
  });

  test('33_times_is_refused_and_nothing_changes', async () => {
    const id = await scheduled('delayed');
    for (let i = 0; i <= 32; i++) await redis.hset(q.key(`repeat:s:${NOW + i * 3000 + 1}`), 'name', 'x');
    const before = await q.hash('repeat:s');
    equal(await upsert({every: 3000, limit: 2}, {at: NOW + 1}), -11);
    deepEqual([await q.hash('repeat:s'), await nextMs(), await redis.get(q.key('id'))], [before, NOW + 700, '1']);
    deepEqual([await exists(id), await q.events()], [1, []]);
  });

  for (const state of ['active', 'completed', 'failed']) {
    test(`a_pattern_s_time_that_is_${state}_is_refused`, async () => {
      const id = await scheduled(state, {pattern: 'p'});
      const before = await q.hash(id);
      equal(await upsert({pattern: 'p', limit: 2}, {next: NOW}), -10);
      deepEqual([await q.hash(id), (await q.hash('repeat:s')).limit, await q.events()], [before, undefined, []]);
    });
  }

  for (const state of ['completed', 'failed']) {
    test(`a_run_that_${state}_before_it_was_due_makes_room_for_its_pattern`, async () => {
      const id = await scheduled(state, {pattern: 'p'}, NOW + 5000);
      await q.iterate('s', id, {at: NOW, next: NOW + 9000, opts});
      deepEqual(await upsert({pattern: 'p'}, {next: NOW + 5000}), [id, 5000]);
      deepEqual([await q.scores(state), await q.scores('delayed')], [{}, {[id]: (NOW + 5000) * 4096}]);
      equal((await q.hash(id)).finishedOn, undefined);
    });
  }

  test('one_that_runs_before_it_was_due_does_not', async () => {
    const id = await scheduled('active', {pattern: 'p'}, NOW + 5000);
    const next = await q.iterate('s', id, {at: NOW, next: NOW + 9000, opts});
    equal(await upsert({pattern: 'p'}, {next: NOW + 5000}), -10);
    deepEqual([await q.list('active'), Object.keys(await q.scores('delayed'))], [[id], [next]]);
  });

  test('a_time_that_is_no_number_is_now', async () => {
    for (const [id, next] of [['a', ''], ['b', 'NaN'], ['c', '-5'], ['d', 'inf']])
      deepEqual(await q.upsert(id, {pattern: 'p'}, {at: NOW, next, opts}), [`repeat:${id}:${NOW}`, 0]);
  });

  test('a_blocked_queue_gets_the_job_and_no_marker', async () => {
    await meta('paused', '1');
    await upsert({every: 1000});
    deepEqual([await q.list('wait'), await exists('marker')], [['repeat:s:50123'], 0]);
  });

  test('a_legacy_repeatable_becomes_a_scheduler', async () => {
    await redis.zadd(q.key('repeat'), NOW + 500, 's');
    await redis.hset(q.key('repeat:s'), 'name', 'old', 'every', 1000, 'tz', 'x');
    await redis.zadd(q.key('delayed'), (NOW + 500) * 4096, `repeat:s:${NOW + 500}`);
    deepEqual(await upsert({every: 1000}), [`repeat:s:${NOW + 500}`, 500]);
    deepEqual(await q.hash('repeat:s'), {name: 'tick', every: '1000', ic: '1'});
  });
});

describe('the next job', () => {
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
    deepEqual(JSON.parse(stored), {repeat: {count: 2}, jobId: 'repeat:s:6000', delay: 900});
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

  test('a_scheduler_without_a_hash_or_an_offset', async () => {
    await every('s', 5000, {every: 1});
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 9000}), 'repeat:s:9001');
    await redis.del(q.key('repeat:s'));
    equal(await q.iterate('s', 'repeat:s:9001', {at: 9100, next: 9200}), null);
    equal(await exists('repeat:s'), 0);
  });

  test('no_time_for_a_pattern_is_its_end', async () => {
    await every('s', 5000);
    await redis.hdel(q.key('repeat:s'), 'every');
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 5100, next: 'x'}), null);
    deepEqual(await q.scores('repeat'), {s: 5000});
  });

  test('its_deduplication_id_is_its_own_again', async () => {
    await every('s', 5000);
    await q.iterate('s', fetchedId('s', 5000), {at: 5100, opts: {de: {id: 'd'}}});
    deepEqual([(await q.hash('repeat:s:6000')).deid, await exists('de:d')], ['d', 0]);
  });

  test('an_iteration_that_exists_is_a_duplicate', async () => {
    await every('s', 5000);
    await redis.hset(q.key('repeat:s:6000'), 'name', 'x');
    equal(await q.iterate('s', fetchedId('s', 5000), {at: 5100}), null);
    deepEqual(await q.events(), ['duplicated jobId repeat:s:6000']);
  });
});
