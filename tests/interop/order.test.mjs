// In which order jobs are taken, and when: whoever added them, whoever takes them.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {onBothLines, RUNNABLE} from './lines.mjs';
import {DEADLINE, until} from '../support/until.mjs';

const PRIORITIES = [10, 0, 2, 1, 0, 10, 2, 1];

// Ids by the priority they were added with, in the order in which they must be taken.
function inOrder(added) {
  return [0, 1, 2, 10].flatMap(priority =>
    added.filter(([given]) => given === priority).map(([, id]) => id));
}

onBothLines('order', at => {
  async function addAll(...adders) {
    const added = [];
    for (const [i, priority] of PRIORITIES.entries())
      added.push([priority, await adders[i % adders.length](priority)]);
    return added;
  }

  // The ids as they became active, once there are `count`.
  async function activeOrder(count) {
    const {heard} = at();
    await until(() => at().idsOf('active').length === count);
    return heard.filter(([name]) => name === 'active').map(([, {jobId}]) => jobId);
  }

  const adders = {
    async ours() {
      const producer = await at().producer();
      return async priority => (await producer.post({...RUNNABLE, priority})).jobId;
    },
    async theirs() {
      return async priority => (await at().queue.add('execute', RUNNABLE, {priority})).id;
    },
  };
  const takers = {
    ours: () => at().noop('--concurrency', '1'),
    theirs: async () => at().node(async () => 1),
  };

  for (const [adder, taker] of [['ours', 'theirs'], ['theirs', 'ours'], ['ours', 'ours']]) {
    test(`priorities 0, 1, 2, 10, first in first out inside: added by ${adder}, taken by ${taker}`,
      async () => {
        at().listen('active');
        const added = await addAll(await adders[adder]());
        await takers[taker]();
        assert.deepEqual(await activeOrder(added.length), inOrder(added));
      });
  }

  test('jobs of both sides stand in one line', async () => {
    at().listen('active');
    const added = await addAll(await adders.ours(), await adders.theirs());
    await takers.ours();
    assert.deepEqual(await activeOrder(added.length), inOrder(added));
  });

  test('lifo jobs are taken first, the last one before the others', async () => {
    const {queue} = at();
    at().listen('active');
    const ids = [];
    for (const [name, lifo] of [['a', false], ['b', true], ['c', false], ['d', true]])
      ids.push((await queue.add(name, {}, {lifo})).id);
    const [a, b, c, d] = ids;
    await takers.ours();
    assert.deepEqual(await activeOrder(4), [d, b, a, c]);
  });

  test('a priority changed by Node moves the job for our worker', async () => {
    const {queue} = at();
    at().listen('active');
    const late = await queue.add('late', {}, {priority: 5});
    const early = await queue.add('early', {}, {priority: 3});
    await late.changePriority({priority: 1});
    await takers.ours();
    assert.deepEqual(await activeOrder(2), [late.id, early.id]);
  });

  test('delayed jobs are taken when they are due, in the order of their milliseconds', async () => {
    const {queue} = at();
    const delays = [300, 100, 200, 100, 250];
    at().listen('active');
    await takers.ours();
    const jobs = await Promise.all(delays.map(delay => queue.add('n', {}, {delay})));
    await activeOrder(delays.length);
    const stored = await Promise.all(jobs.map(({id}) => queue.getJob(id)));
    for (const [i, job] of stored.entries()) {
      const waited = job.processedOn - job.timestamp;
      assert.ok(waited >= delays[i], `due after ${delays[i]} ms, started after ${waited}`);
    }
    const due = ({timestamp}, i) => timestamp + delays[i];
    const byDue = [...stored.keys()].sort((a, b) => due(stored[a], a) - due(stored[b], b));
    assert.deepEqual(at().idsOf('active'), byDue.map(i => stored[i].id));
  });

  test('five hundred jobs due in one millisecond: all of them, in the order of their adding', async () => {
    const {queue} = at();
    const timestamp = Date.now();
    at().listen('active');
    const jobs = await queue.addBulk(Array.from({length: 500}, () =>
      ({name: 'n', data: {}, opts: {delay: 400, timestamp}})));
    await takers.ours();
    assert.deepEqual(await activeOrder(500), jobs.map(({id}) => id));
  });

  test('a delay changed by Node holds for our worker', async () => {
    const {queue, events} = at();
    await takers.ours();
    const job = await queue.add('n', {}, {delay: 60000});
    await job.changeDelay(50);
    await job.waitUntilFinished(events, DEADLINE);
  });

  test('a job promoted by Node is run by our worker at once', async () => {
    const {queue, events} = at();
    await takers.ours();
    const job = await queue.add('n', {}, {delay: 60000, priority: 4});
    await job.promote();
    await job.waitUntilFinished(events, DEADLINE);
    assert.equal((await queue.getJob(job.id)).delay, 0);
  });
});
