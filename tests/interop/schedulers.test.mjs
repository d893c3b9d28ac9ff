// Job schedulers: whoever fetches a scheduler's job makes the next one, and it is the same.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {onBothLines} from './lines.mjs';
import {until} from '../support/until.mjs';

onBothLines('schedulers', (at, line) => {
  const stored = (id, field) => at().redis.hget(at().queue.toKey(id), field);
  const scheduler = id => at().redis.hgetall(at().queue.toKey(`repeat:${id}`));
  const completed = async () => (await at().queue.getJobs(['completed'])).map(({id}) => id).sort();
  const timeOf = id => Number(id.split(':').at(-1));
  const nextJob = async () => (await at().queue.getJobs(['delayed', 'waiting', 'prioritized']))[0];

  // The options of a job as stored, but for what is its own.
  async function settings(id) {
    const {jobId, delay, timestamp, prevMillis, attempts, ...rest} = JSON.parse(await stored(id, 'opts'));
    assert.equal(jobId, id);
    assert.ok(delay >= 0 && timestamp > 0, `${delay} ${timestamp}`);
    delete rest.repeat.count;
    return {...rest, attempts: attempts ?? 0, prevMillis: prevMillis === undefined || prevMillis === timeOf(id)};
  }

  test('our worker keeps a scheduler with `every` going, and each time is a slot', async () => {
    await at().queue.upsertJobScheduler('s', {every: 200}, {name: 'execute', data: {a: 1}});
    const worker = await at().noop();
    await until(async () => (await completed()).length >= 4);
    await worker.stop();
    const times = (await completed()).map(timeOf);
    for (const [i, time] of times.slice(1).entries()) assert.equal((time - times[i]) % 200, 0);
    assert.equal(new Set(times).size, times.length);
    const next = await nextJob();
    assert.deepEqual([next.name, next.data], ['execute', {a: 1}]);
    const {ic} = await scheduler('s');
    assert.equal(Number(ic), times.length + 1);
    assert.equal(JSON.parse(await stored(next.id, 'opts')).repeat.count, times.length + 1);
  });

  test('the next job has the options that Node gives it, also those nobody knows', async () => {
    const template = {name: 'execute', data: {a: 1}, opts: {attempts: 3, keepLogs: 7, priority: 3,
      backoff: {type: 'fixed', delay: 10, jitter: 0.5}, removeOnComplete: {count: 100, age: 3600},
      telemetry: {metadata: 'trace', omitContext: true}, unknown: [1, {deep: [2.5, null, true, 'ü']}]}};
    for (const repeat of [{every: 3600000}, {pattern: '0 0 * * *', tz: 'Europe/Berlin', limit: 9,
      endDate: Date.now() + 30 * 86400000}]) {
      const made = {};
      for (const who of ['node', 'ours']) {
        await at().queue.upsertJobScheduler(who, repeat, template);
        const first = await nextJob();
        if (first.delay) await first.promote();
        const worker = who === 'ours' ? await at().noop() : at().node(async () => 1);
        await until(async () => await first.getState() === 'completed');
        await (who === 'ours' ? worker.stop() : worker.close());
        const next = await nextJob();
        made[who] = await settings(next.id);
        assert.equal(JSON.parse(await stored(next.id, 'opts')).repeat.count, 2);
        made[who].fields = [await stored(next.id, 'data'), await stored(next.id, 'name'),
          await stored(next.id, 'priority'), await stored(next.id, 'rjk') === who];
        delete made[who].repeatJobKey;
        made[who].time = timeOf(next.id) % 86400000 - (repeat.every ? timeOf(first.id) % 86400000 : 0);
        await at().queue.removeJobScheduler(who);
      }
      assert.deepEqual(made.ours, made.node);
    }
  });

  test('a pattern comes round in its time zone, and again and again', async () => {
    await at().queue.upsertJobScheduler('s', {pattern: '* * * * * *', tz: 'Asia/Kolkata'});
    const worker = await at().noop();
    await until(async () => (await completed()).length >= 3);
    await worker.stop();
    const times = (await completed()).map(timeOf);
    for (const time of times) assert.equal(time % 1000, 0);
    assert.deepEqual(times.slice(1).map((time, i) => time - times[i]), times.slice(1).map(() => 1000));
    assert.match(worker.log, /event=scheduled job=repeat:s:\d+ scheduler=s next=repeat:s:\d+/);
  });

  test('it ends at its limit, and at its end', async () => {
    await at().queue.upsertJobScheduler('few', {every: 100, limit: 3});
    await at().queue.upsertJobScheduler('soon', {pattern: '* * * * * *', endDate: Date.now() + 1500});
    const worker = await at().noop();
    await until(() => /event=scheduler-ended job=\S+ scheduler=few/.test(worker.log) &&
      /event=scheduler-ended job=\S+ scheduler=soon/.test(worker.log));
    await until(async () => !await nextJob());
    await worker.stop();
    const ids = await completed();
    assert.equal(ids.filter(id => id.startsWith('repeat:few:')).length, 3);
    assert.ok([1, 2].includes(ids.filter(id => id.startsWith('repeat:soon:')).length));
  });

  test('a job that is run before its time is followed by the one after it', async () => {
    await at().queue.upsertJobScheduler('s', {pattern: '0 0 1 1 *', tz: 'UTC'});
    const first = await nextJob();
    await first.promote();
    const worker = await at().noop();
    await until(async () => await first.getState() === 'completed');
    await worker.stop();
    const years = [first, await nextJob()].map(({id}) => new Date(timeOf(id)).getUTCFullYear());
    assert.equal(years[1], years[0] + 1);
  });

  test('our workers and Node\'s take turns, and make no job twice nor miss one', async () => {
    await at().queue.upsertJobScheduler('s', {every: 50}, {name: 'execute'});
    const ran = [];
    const node = at().node(async ({id}) => { ran.push(id); });
    const worker = await at().noop();
    await until(async () => ran.length >= 5 && (await completed()).length - ran.length >= 5);
    await worker.stop();
    await node.close(); // in peace: closed by force while it makes a next job, it would spin for ever
    const {ic} = await scheduler('s');
    const all = await at().queue.getJobCountByTypes('completed', 'delayed', 'waiting', 'active');
    assert.equal(Number(ic), all);
    assert.equal(await at().queue.getJobSchedulersCount(), 1);
  });

  test('a scheduler that is removed while its job waits is not made again', async () => {
    await at().queue.upsertJobScheduler('s', {every: 1000});
    const job = await nextJob();
    await at().redis.del(at().queue.toKey('repeat:s'), at().queue.toKey('repeat'));
    const worker = await at().noop();
    await until(async () => await job.getState() === 'completed');
    await worker.stop();
    assert.equal(await nextJob(), undefined);
    assert.doesNotMatch(worker.log, /level=(warn|error) event=scheduler/);
  });

  test('a pattern that nobody understands is told in the log of its job, which runs', async () => {
    await at().queue.upsertJobScheduler('s', {pattern: '0 0 1 1 *', tz: 'UTC'});
    const job = await nextJob();
    const opts = JSON.parse(await stored(job.id, 'opts'));
    opts.repeat.pattern = 'every full moon';
    await at().redis.hset(at().queue.toKey(job.id), 'opts', JSON.stringify(opts));
    await job.promote();
    const worker = await at().noop();
    await until(async () => await job.getState() === 'completed');
    await until(async () => (await at().queue.getJobLogs(job.id)).count);
    await worker.stop();
    const {logs: [line]} = await at().queue.getJobLogs(job.id);
    assert.match(line, /^the scheduler s stops here, no next job was made: .*'every full moon'/);
    assert.match(worker.log, /level=error event=scheduler-stopped job=\S+ scheduler=s error=/);
    assert.equal(await nextJob(), undefined);
  });

  // BullMQ 6 refuses to make them.
  if (line === 'bullmq5') {
    test('a repeatable job of the old kind runs, and it is said that we do not repeat it', async () => {
      await at().queue.add('execute', {}, {repeat: {every: 300}});
      const worker = await at().noop();
      await until(async () => (await completed()).length === 1);
      await worker.stop();
      assert.match(worker.log, /level=warn event=scheduler-not-continued job=repeat:\w+:\d+ scheduler=\w+/);
      assert.equal(await nextJob(), undefined);
    });
  }
});
