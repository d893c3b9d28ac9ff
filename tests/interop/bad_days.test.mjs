// Bad days: no script raises, loses a job or has one in two states, whatever Redis holds.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {ended, exists, family, fetched, given, q, redis, running} from './commands.mjs';

const {equal, deepEqual} = assert;

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

test('a_full_redis_can_be_paused_and_emptied', async () => {
  await ended('completed');
  await given([{}], [{}], [{delay: 5}], [{delay: 5}]);
  await redis.config('SET', 'maxmemory', '1');
  try {
    equal(await q.pause(), 0);
    equal(await q.promote('4'), 0);
    equal(await q.remove('2'), 1);
    equal(await q.moveToWait('completed'), 0);
    deepEqual(await q.clean('delayed', 9000), ['5']);
    await q.drain(true);
    equal(await q.resume(), 0);
    await q.pause();
    equal(await q.obliterate(1000, 'force'), 0);
    equal(await redis.dbsize(), 0);
  } finally {
    await redis.config('SET', 'maxmemory', '0');
  }
});

test('no_script_raises_on_an_empty_queue', async () => {
  equal(await q.finish('x'), -1);
  equal(await q.retry('x'), -1);
  equal(await q.delay('x', 1), -1);
  equal(await q.back('x'), -1);
  deepEqual(await q.fetch(), [0, 0, 0, 0]);
  deepEqual(await q.checkStalled(), []);
});
