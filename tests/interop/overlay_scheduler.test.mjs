// BullMQ's job schedulers on our Lua. Each change is made on BullMQ's own commands too, under the
// same clock: all of Redis must be the same after it.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {Queue, Worker} from 'bullmq62';
import {everything} from './everything.mjs';
import {collect, connect, missing, NAME, opened, openQueue, openWorker, redis} from './overlay.mjs';
import {random} from './walk.mjs';

const {equal, deepEqual} = assert;
const START = 1795225557484;

// Two sides, a queue and a worker each, under a clock that stands still. `both` makes a change
// on either and compares; gives the reply, or the text of the error.
async function openBoth(t) {
  t.mock.timers.enable({apis: ['Date'], now: START});
  const later = ms => t.mock.timers.setTime(Date.now() + ms);
  const connection = connect();
  await connection.select(1);
  const open = async it => {
    opened.push(() => it.close());
    await it.waitUntilReady();
    return it;
  };
  const sides = [
    {queue: await open(new Queue(NAME, {connection})),
      worker: await open(new Worker(NAME, undefined, {connection, autorun: false}))},
    {queue: await openQueue(), worker: await openWorker()},
  ];

  async function both(change) {
    const replies = [];
    for (const side of sides) replies.push(await change(side).catch(error => error.message));
    const [expected, reply] = replies.map(answer => JSON.parse(JSON.stringify(answer ?? null)));
    deepEqual(reply, expected);
    deepEqual(await everything(redis), await everything(connection));
    return reply;
  }
  return {later, both};
}

const upsert = (...args) => ({queue}) => queue.upsertJobScheduler('s', ...args);

// A worker that fetches a scheduler's job adds the next one.
const fetch = ({worker}) => worker.getNextJob('t', {block: false});
const complete = async ({queue}) => (await queue.getActive())[0]?.moveToCompleted(1, 't', false);
const why = Object.assign(new Error('why'), {stack: 'where'});
const fail = async ({queue}) => (await queue.getActive())[0]?.moveToFailed(why, 't', false);

const SETTINGS = [
  {every: 1000}, {every: 2500}, {every: 2500, offset: 700}, {every: 1000, limit: 3}, {every: 60000,
    endDate: START + 90000},
  {every: 1000, startDate: START + 5000}, {every: 1000, startDate: new Date(START + 7000), limit: 2},
  {pattern: '0 0 * * *', tz: 'Europe/Berlin'}, {pattern: '*/7 * * * * *'}, {pattern: '*/5 * * * *', immediately: true},
  {pattern: '0 9 * * 1', startDate: START + 86400000}, {pattern: '* * * * *', limit: 2},
];
const TEMPLATES = [
  undefined, {}, {name: 'tock', data: {t: 1}}, {data: null, opts: {attempts: 3, backoff: 500, removeOnComplete: true}},
  {opts: {priority: 7, lifo: true}}, {opts: {delay: 5000}}, {opts: {deduplication: {id: 'd', ttl: 9000}}},
];

describe('a change of a scheduler', () => {
  for (const settings of SETTINGS) {
    test(`to ${JSON.stringify(settings)}, from every other, whatever became of its next job`, async t => {
      const {later, both} = await openBoth(t);
      for (const [i, before] of SETTINGS.entries()) {
        await both(upsert(before, TEMPLATES[i % TEMPLATES.length]));
        if (i % 3 > 0) await both(fetch);
        if (i % 3 > 1) await both(i % 2 ? complete : fail);
        later(10 + i * 100);
        await both(upsert(settings, TEMPLATES[(i * 3) % TEMPLATES.length]));
        await both(({queue}) => queue.getJobScheduler('s'));
        await both(({queue}) => queue.removeJobScheduler('s'));
        await both(({queue}) => queue.drain(true));
      }
    });
  }

  test('that makes no sense is refused in the same words', async t => {
    const {both} = await openBoth(t);
    for (const settings of [{}, {every: 100, pattern: '* * * * *'}, {every: 100, endDate: 5}])
      equal(typeof await both(upsert(settings)), 'string');
  });
});

describe('schedulers at work', () => {
  for (const seed of [1, 2, 3]) {
    test(`go on as in BullMQ, seed ${seed}`, async t => {
      const {later, both} = await openBoth(t);
      const r = random(seed);
      const changes = [
        () => upsert(r.pick(SETTINGS), r.pick(TEMPLATES)),
        () => fetch, () => fetch, () => complete, () => fail,
        () => ({queue}) => queue.getDelayed().then(async ([job]) => job && job.promote()),
        () => ({queue}) => queue.getJobSchedulers(),
        () => ({queue}) => queue.getJobSchedulersCount(),
        () => ({queue}) => queue.getDelayed().then(async ([job]) => job && job.remove()),
      ];
      for (let i = 0; i < 80; i++) {
        if (r.once(2)) later(r.pick([1, 400, 1000, 5000]));
        await both(r.pick(changes)());
      }
    });
  }

  test('an_interval_goes_on_to_its_limit', async () => {
    const queue = await openQueue();
    await queue.upsertJobScheduler('tick', {every: 60, limit: 3}, {name: 'tock', data: {t: 1}});
    const worker = await openWorker(async ({name, data}) => `${name} ${data.t}`);
    const done = collect(worker, 'completed', 3);
    worker.run();
    deepEqual((await done).map(job => job.returnvalue), ['tock 1', 'tock 1', 'tock 1']);
  });
});


test('it_was_our_lua_that_ran', async () => {
  deepEqual(await missing('addJobScheduler', 'updateJobScheduler', 'getJobScheduler', 'removeJobScheduler'), []);
});
