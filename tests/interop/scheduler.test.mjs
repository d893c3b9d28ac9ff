// Job schedulers.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {q, redis} from './commands.mjs';

const {equal, deepEqual} = assert;

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
