// Bad days: whatever Redis holds, no script raises, loses a job, has one in two states, or makes
// one up.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {everyJobOnce, exists, fetched, given, meta, push, q, quiet, redis, running} from './commands.mjs';

const {equal, deepEqual} = assert;

// Hashes that something else wrote.
const ODD = {
  priority: ['x', '', '-5', 'nan', 'inf', '1e400', '99999999999', '2.7', '0x10'],
  delay: ['', 'x', '-5', 'nan', 'inf', '1e400'],
  opts: ['', '[]', 'not json', 'null', '7', '{"de":7}', '['.repeat(2000)],
  parent: ['', 'x', '[]', '7', '{"fpof":"yes"}', '{"id":{}}', '{"a":'.repeat(2000)],
  parentKey: ['', 'x', ':', 'a:', ':b', 'bull:q:', 'bull:q:none', 'bull:q:wait', 'bull:q:meta'],
  deid: ['', 'none', ':'],
  rjk: ['', 'none', ':'],
  stc: ['', 'x', 'nan', '-1', '1e30'],
  atm: ['', 'x', 'nan', '-1', '1e30'],
  ats: ['', 'x', 'nan', '-1', '1e30'],
  timestamp: ['', 'x', 'nan', '-1', '1e30'],
  processedOn: ['', 'x'],
  defa: [''],
  data: ['', 'not json'],
};

// What can be done with a job, by the state it must be in.
const DEEDS = {
  wait: [() => q.fetch(), id => q.remove(id, true), id => q.changePriority(id, 3), id => q.changePriority(id, 0,
    {lifo: true}),
    () => q.clean('wait', 9000), () => q.drain()],
  delayed: [() => q.fetch({at: 9e15}), id => q.promote(id), id => q.changeDelay(id, 50), () => q.moveToWait('delayed'),
    id => q.remove(id), () => q.clean('delayed', 9000), () => q.drain(true)],
  prioritized: [() => q.fetch(), id => q.changePriority(id, 0), id => q.remove(id), () => q.clean('prioritized', 9000)],
  active: [id => q.finish(id), id => q.fail(id, {attempts: 2}), id => q.finish(id, {keep: {count: 0}}),
    id => q.finish(id, {metrics: 5, keep: {age: 0, count: 1}}), id => q.retry(id), id => q.delay(id, 50),
      id => q.delay(id, 0, {next: {token: 'u'}}),
    id => q.back(id), id => q.waitForChildren(id), id => q.remove(id),
    async id => {
      await redis.sadd(q.key('stalled'), id);
      await redis.del(q.key(`${id}:lock`));
      await q.checkStalled({max: 0});
    }],
  failed: [id => q.reprocess(id, 'failed'), () => q.moveToWait('failed'), id => q.remove(id, true),
    () => q.clean('failed', 9000)],
  'waiting-children': [id => q.remove(id), () => q.finish('child')],
};
const ARRIVALS = {
  wait: () => q.add({}, {id: 'job'}),
  delayed: () => q.add({delay: 10}, {id: 'job'}),
  prioritized: () => q.add({priority: 2}, {id: 'job'}),
  active: () => running({}, {id: 'job'}),
  async failed() {
    await running({}, {id: 'job'});
    await q.fail('job');
  },
  async 'waiting-children'() {
    await q.add({}, {id: 'job', isParent: true});
    await running({}, {id: 'child', parent: {key: q.key('job')}});
  },
};

// Fetch until there is no more; the ids in their order.
async function takeAll(options) {
  const ids = [];
  for (let reply; (reply = await q.fetch(options))[1];) ids.push(reply[1]);
  return ids;
}

describe('odd fields of a job', () => {
  for (const [field, values] of Object.entries(ODD)) {
    for (const value of values) {
      test(`${field} ${value.slice(0, 20) || 'empty'}`, async () => {
        for (const [state, arrive] of Object.entries(ARRIVALS)) {
          for (const deed of DEEDS[state]) {
            await redis.flushall();
            await arrive();
            await redis.hset(q.key('job'), field, value);
            await deed('job');
            await everyJobOnce();
            equal(await redis.hexists(q.key('meta'), 'name'), 0, 'meta is no job');
          }
        }
      });
    }
  }
});

describe('a job whose hash is gone', () => {
  for (const [state, deeds] of Object.entries(DEEDS)) {
    test(`${state}: no deed makes it up, and the next one is served`, async () => {
      for (const deed of deeds) {
        await redis.flushall();
        await ARRIVALS[state]();
        await redis.del(q.key('job'));
        await deed('job');
        equal(await exists('job'), 0);
        await q.add({priority: 5}, {id: 'next'});
        assert((await takeAll()).includes('next'));
      }
    });
  }

  test('promoting_retrying_and_finishing_others_passes_it_by', async () => {
    const [id] = [await running({}, {id: 'real'})];
    for (const set of ['delayed', 'prioritized', 'waiting-children', 'completed', 'failed'])
      await redis.zadd(q.key(set), 1, `${set}-gone`);
    for (const list of ['wait', 'active']) await push(list, `${list}-gone`);
    await redis.sadd(q.key('stalled'), 'active-gone', 'real');
    deepEqual(await q.checkStalled(), []);
    await q.finish(id, {next: true, keep: {count: 1, age: 1}});
    await q.moveToWait('failed');
    deepEqual(await redis.keys('*-gone'), []);
    deepEqual(await q.list('wait'), []);
    deepEqual(await q.list('active'), []);
  });
});

describe('odd keys of the queue', () => {
  const life = async () => {
    await q.add({priority: 3}, {id: 'a'});
    await q.add({delay: 10}, {id: 'b'});
    for (const id of ['b', 'a']) equal(fetched(await q.fetch()), id);
    equal(await q.retry('a'), 0);
    equal(await q.delay('b', 5), 0);
    for (const _ of ['a', 'b']) await q.finish(fetched(await q.fetch({at: 9000})), {metrics: 5});
    await everyJobOnce();
    deepEqual((await q.scores('completed')), {a: 3000, b: 3000});
  };

  for (const [key, value] of [['pc', 'x'], ['pc', String(2 ** 63)], ['limiter', 'x'], ['stalled-check', 'x']]) {
    test(`${key} ${value}`, async () => {
      await redis.set(q.key(key), value);
      await life();
    });
  }

  for (const field of ['concurrency', 'max', 'duration', 'opts.maxLenEvents', 'version']) {
    for (const value of ['', 'x', 'nan', '1e400', '-1', '1.5', '{}']) {
      if (field === 'concurrency' && value === '-1') continue; // none may run
      test(`meta ${field} ${value || 'empty'}`, async () => {
        await meta(field, value);
        await life();
      });
    }
  }

  test('metrics_that_are_no_numbers', async () => {
    await redis.hset(q.key('metrics:completed'), 'count', 'x', 'prevTS', 'y', 'prevCount', 'z');
    await life();
    equal((await q.hash('metrics:completed')).count, '2');
  });

  test('a_counter_that_cannot_count_refuses_adds_and_stores_nothing', async () => {
    await redis.set(q.key('id'), 'x');
    for (const opts of [{}, {delay: 5}, {priority: 1}]) await assert.rejects(q.add(opts), /not an integer/);
    deepEqual(await redis.keys('*'), [q.key('id')]);
  });
});

describe('the bounds', () => {
  const most = 2 ** 21 - 1;

  test('the_last_priority_and_the_last_counter_make_an_exact_score', async () => {
    await redis.set(q.key('pc'), 2 ** 32 - 2);
    await given([{priority: most}], [{priority: most}]);
    equal(await redis.zscore(q.key('prioritized'), '1'), String(2 ** 53 - 1));
    equal(await redis.zscore(q.key('prioritized'), '2'), String(most * 2 ** 32));
    deepEqual(await q.countsPerPriority(most, most - 1), [2, 0]);
  });

  test('thousands_due_in_one_millisecond_keep_their_order_and_none_is_lost', async () => {
    const at = 1795225557484;
    const ids = Array.from({length: 5000}, (_, i) => String(i + 1));
    await Promise.all(ids.map(() => q.add({delay: 10}, {at})));
    deepEqual(await takeAll({at: at + 10}), ids);
    await everyJobOnce();
  });

  test('megabytes_of_data_go_in_and_out', async () => {
    const data = JSON.stringify({code: 'x'.repeat(10 << 20)});
    await q.add({}, {data});
    const [flat] = await q.fetch();
    equal(flat[flat.indexOf('data') + 1], data);
    equal(await q.progress('1', data), 0);
    await q.finish('1', {value: data});
    equal((await q.hash('1')).returnvalue, data);
  });

  for (const [name, opts] of [['options_nested_too_deep', {x: nested(1100)}], ['a_number_json_does_not_have',
    {x: NaN}]]) {
    test(`${name}_are_refused_before_anything_is_written`, async () => {
      for (const kind of ['standard', 'delayed', 'priority', 'parent']) await assert.rejects(q.add(opts, {as: kind}));
      await assert.rejects(q.upsert('s', {every: 1000}, {opts}));
      await assert.rejects(q.upsert('s', {every: 1000}, {template: opts}));
      deepEqual(await redis.keys('*'), []);
    });
  }

  test('a_parent_nested_too_deep_is_refused_too', async () => {
    await q.add({}, {id: 'p', isParent: true});
    const keys = await redis.keys('*');
    await assert.rejects(q.add({}, {parent: {key: q.key('p'), flags: {x: nested(1100)}}}));
    deepEqual((await redis.keys('*')).sort(), keys.sort());
  });
});

// {x: {x: ...}}
function nested(depth) {
  let value = 1;
  for (let i = 0; i < depth; i++) value = {x: value};
  return value;
}

describe('clocks that disagree', () => {
  const [past, future] = [1000, 9e12];

  test('a_job_from_the_future_runs_and_its_delay_counts_from_there', async () => {
    await q.add({}, {id: 'now', at: future});
    await q.add({delay: 10}, {id: 'later', at: future});
    deepEqual(await takeAll({at: past}), ['now']);
    equal(await q.retry('now', {at: past}), 0);
    deepEqual(await takeAll({at: future + 10}), ['now', 'later']);
    await everyJobOnce();
  });

  test('a_job_that_ends_before_it_began_is_kept_by_its_end', async () => {
    await q.add({}, {at: future});
    await q.fetch({at: future});
    equal(await q.finish('1', {at: past, keep: {age: 10}, metrics: 5}), 0);
    deepEqual(await q.scores('completed'), {1: past});
    await q.add({}, {at: future});
    await q.fetch({at: future});
    equal(await q.finish('2', {at: past - 500, keep: {age: 0}, metrics: 5}), 0);
    equal((await q.hash('metrics:completed')).count, '2');
    await everyJobOnce();
  });

  test('time_zero_is_a_time', async () => {
    await q.add({delay: 0}, {at: 0, as: 'delayed', id: 'd'});
    deepEqual(await takeAll({at: 0}), ['d']);
    equal(await q.delay('d', 0, {at: 0}), 0);
    deepEqual(await takeAll({at: 0}), ['d']);
    equal(await q.finish('d', {at: 0}), 0);
    await everyJobOnce();
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
