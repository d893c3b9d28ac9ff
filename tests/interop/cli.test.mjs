// The operator's tool on queues of BullMQ 5 and 6: what it says is what Node's Queue says, and
// what it does Node's Queue sees.

import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, describe, test} from 'node:test';
import {once} from 'node:events';
import {spawn} from 'node:child_process';
import {join} from 'node:path';
import * as bullmq5 from 'bullmq5';
import * as bullmq6 from 'bullmq6';
import {Redis} from 'ioredis';
import {build, bullpen} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';

const {equal, deepEqual, match, ok} = assert;
const STATES = ['waiting', 'prioritized', 'delayed', 'waiting-children', 'active', 'completed', 'failed'];
let redis, client, names = 0;

before(async () => {
  redis = await startRedis();
  client = new Redis(redis.socket);
});
after(async () => {
  client.disconnect();
  await redis.stop();
});

for (const [line, {FlowProducer, Queue, Worker}] of Object.entries({bullmq5, bullmq6})) {
  describe(`the tool beside ${line}`, {timeout: 60000}, () => {
    let queue, flows, connection, workers;

    beforeEach(async () => {
      connection = {path: redis.socket, maxRetriesPerRequest: null};
      queue = new Queue(`jobs-${names++}`, {connection});
      flows = new FlowProducer({connection});
      await queue.waitUntilReady();
      workers = [];
    });
    afterEach(async () => {
      await Promise.all(workers.map(worker => worker.close(true)));
      await flows.close();
      await queue.close();
    });

    const run = (...args) => bullpen(redis.socket, ['queue', ...args, '--queue', queue.name]);

    // What the tool answers in JSON, when all is well.
    async function ask(...args) {
      const {code, out, err} = await run(...args, '--json');
      equal(code, 0, err);
      equal(err, '');
      return JSON.parse(out);
    }

    async function refused(pattern, ...args) {
      const {code, out, err} = await run(...args);
      deepEqual([code, out], [1, '']);
      match(err, pattern);
    }

    // Node's own counts, those of a 5.x pause among the waiting.
    async function counts() {
      const {paused = 0, ...all} = await queue.getJobCounts(...STATES);
      return {...all, waiting: all.waiting + paused};
    }

    // Run `count` jobs with a worker of Node's, which then goes away.
    async function work(count, processor = async () => 'done', options = {}) {
      let ended = 0;
      const worker = new Worker(queue.name, processor, {connection, ...options});
      await new Promise(resolve => {
        for (const event of ['completed', 'failed'])
          worker.on(event, () => ++ended === count && resolve());
      });
      await worker.close();
    }

    const fail = async () => { throw new Error('no luck\nat all'); };

    // A worker that takes one job and holds it. Gives that job.
    async function hold(name) {
      let taken;
      const active = new Promise(resolve => { taken = resolve; });
      workers.push(new Worker(queue.name, job => new Promise(() => taken(job)),
        {connection, name, lockDuration: 60000}));
      return active;
    }

    test('counts are those of getJobCounts, with what is set and who works', async () => {
      await queue.add('a', {});
      await work(1);
      await queue.add('b', {});
      await work(1, fail);
      await queue.add('c', {});
      await hold('node-1');
      await queue.addBulk([{name: 'd', data: {}}, {name: 'd', data: {}}]);
      await queue.add('e', {}, {priority: 7});
      await queue.add('e', {}, {priority: 7});
      await queue.add('e', {}, {priority: 2});
      await queue.add('f', {}, {delay: 100000});
      await queue.setGlobalConcurrency(1);
      await queue.setGlobalRateLimit(100, 5000);
      const answer = await ask('counts');
      deepEqual(answer.counts, await counts());
      deepEqual(answer.counts, {waiting: 2, prioritized: 3, delayed: 1, 'waiting-children': 0,
        active: 1, completed: 1, failed: 1});
      deepEqual(answer.priorities, await queue.getCountsPerPriority([2, 7]));
      equal(answer.queue, queue.name);
      equal(answer.isPaused, false);
      equal(answer.concurrency, await queue.getGlobalConcurrency());
      deepEqual(answer.rateLimit, await queue.getGlobalRateLimit());
      equal(answer.workers, await queue.getWorkersCount());
      const listed = await ask('workers');
      deepEqual(listed.workers.map(({name}) => name), ['node-1']);
    });

    test('schedulers and metrics are those that Node has', async () => {
      await queue.upsertJobScheduler('tick', {every: 3600000}, {name: 'job'});
      await queue.upsertJobScheduler('night', {pattern: '0 3 * * *', tz: 'Europe/Berlin'});
      const nodes = await queue.getJobSchedulers(0, -1, true);
      const {schedulers} = await ask('schedulers');
      deepEqual(schedulers.map(({key, next, every, pattern, tz, iterationCount: runs}) =>
        ({key, next, every, pattern, tz, runs})), nodes.map(({key, next, every, pattern, tz, iterationCount: runs}) =>
        ({key, next, every: every ?? null, pattern: pattern ?? null, tz: tz ?? null, runs})));
      await work(1, undefined, {metrics: {maxDataPoints: 10}}); // the first tick
      const {completed, failed} = await ask('metrics');
      const {meta, data} = await queue.getMetrics('completed');
      deepEqual([completed.meta, completed.data], [meta, data.map(Number)]);
      equal(completed.meta.count, 1);
      equal(failed.meta.count, 0);
    });

    test('a queue we pause is paused for Node, and what waits runs in its order when we resume', async () => {
      for (const name of ['a', 'b']) await queue.add(name, {});
      deepEqual(await ask('pause'), {isPaused: true});
      equal(await queue.isPaused(), true);
      await queue.add('c', {});
      deepEqual((await ask('counts')).counts, await counts());
      equal((await ask('counts')).counts.waiting, 3);
      deepEqual((await ask('list', 'waiting', '--oldest')).jobs.map(({name}) => name), ['a', 'b', 'c']);
      deepEqual(await ask('resume'), {isPaused: false});
      equal(await queue.isPaused(), false);
      const order = [];
      await work(3, async job => { order.push(job.name); });
      deepEqual(order, ['a', 'b', 'c']);
    });

    test('a queue Node paused we resume, and nothing is lost', async () => {
      for (const name of ['a', 'b']) await queue.add(name, {});
      await queue.pause();
      await queue.add('c', {});
      equal((await ask('counts')).isPaused, true);
      await ask('resume');
      const order = [];
      await work(3, async job => { order.push(job.name); });
      deepEqual(order, ['a', 'b', 'c']);
    });

    test('a list has the jobs of getJobs in its order, page by page', async () => {
      await queue.addBulk(Array.from({length: 5}, (_, i) => ({name: `w${i}`, data: {i}})));
      for (let i = 0; i < 3; i++) await queue.add('p', {i}, {priority: 3 - i});
      await queue.add('late', {}, {delay: 90000});
      for (const state of ['waiting', 'prioritized', 'delayed', 'failed'])
        for (const oldest of [false, true]) {
          const ours = await ask('list', state, ...oldest ? ['--oldest'] : []);
          const nodes = await queue.getJobs([state], 0, -1, oldest);
          equal(ours.state, state);
          deepEqual(ours.jobs.map(({id}) => id), nodes.map(({id}) => id), `${state} ${oldest}`);
        }
      const page = await ask('list', 'waiting', '--limit', '2', '--offset', '1');
      deepEqual(page.jobs.map(({name}) => name), ['w3', 'w2']);
      deepEqual(page.jobs[0].data, {i: 3});
    });

    test('a job is shown with all that Node has of it', async () => {
      const job = await queue.add('bad', {code: 'print(1)\n'}, {priority: 4, attempts: 2});
      await job.log('first line');
      await job.updateProgress(40);
      await work(2, fail);
      const shown = await ask('show', job.id);
      const {opts, id, stacktrace, ...node} = (await queue.getJob(job.id)).toJSON();
      for (const [key, value] of Object.entries(node))
        if (key in shown && value !== undefined) deepEqual(shown[key], value, key);
      deepEqual([shown.state, shown.attempts, shown.attemptsMade], ['failed', 2, 2]);
      equal(shown.failedReason, 'no luck\nat all');
      deepEqual(shown.stacktrace, stacktrace);
      deepEqual(shown.logs, ['first line']);
      const {out} = await run('show', job.id);
      for (const part of ['id                1', 'state             failed', 'attempts          2 made of 2',
        'reason            no luck\\nat all', 'stack trace 2 of 2', '  Error: no luck', '  first line'])
        ok(out.includes(part), `${part} is not in\n${out}`);
      await refused(/^bullpen queue show: there is no job 77$/m, 'show', '77');
    });

    test('a parent is shown with its children, and they with it', async () => {
      const {job, children: [{job: child}]} = await flows.add({name: 'p', queueName: queue.name,
        children: [{name: 'c', data: {}, queueName: queue.name}]});
      const shown = await ask('show', job.id);
      equal(shown.state, 'waiting-children');
      equal(shown.dependenciesCount.unprocessed, 1);
      deepEqual(shown.dependencies, [`bull:${queue.name}:${child.id}`]);
      equal((await ask('show', child.id)).parentKey, `bull:${queue.name}:${job.id}`);
    });

    test('a delayed job that we promote runs', async () => {
      const job = await queue.add('late', {}, {delay: 100000});
      deepEqual(await ask('promote', job.id), {promoted: 1});
      equal(await job.getState(), 'waiting');
      await refused(/job 1 is waiting; only a delayed job can be promoted/, 'promote', job.id);
      await queue.addBulk([1, 2].map(() => ({name: 'late', data: {}, opts: {delay: 100000}})));
      deepEqual(await ask('promote', '--all'), {promoted: 2});
      await work(3);
      equal((await counts()).completed, 3);
    });

    test('jobs that failed are retried: one, some, all', async () => {
      await queue.addBulk(Array.from({length: 5}, (_, i) => ({name: `${i}`, data: {}})));
      await work(5, fail);
      deepEqual(await ask('retry', '3'), {retried: 1});
      const job = await queue.getJob('3');
      equal(await job.getState(), 'waiting');
      equal(job.finishedOn, undefined);
      await refused(/job 3 is waiting; only a failed or completed job can be retried/, 'retry', '3');
      deepEqual(await ask('retry-failed', '--limit', '1'), {retried: 1});
      equal((await counts()).failed, 3);
      deepEqual(await ask('retry-failed'), {retried: 3});
      await work(5);
      deepEqual(await counts(), {waiting: 0, prioritized: 0, delayed: 0, 'waiting-children': 0,
        active: 0, completed: 5, failed: 0});
      deepEqual(await ask('retry', '3'), {retried: 1});
      equal(await job.getState(), 'waiting');
    });

    test('a job is removed with its children, but not while a worker has it', async () => {
      const {job, children: [{job: child}]} = await flows.add({name: 'p', queueName: queue.name,
        children: [{name: 'c', data: {}, queueName: queue.name}]});
      const held = await hold();
      equal(held.id, child.id);
      await refused(/cannot remove job .*: a worker has locked it, or a child/, 'remove', held.id, '--yes');
      await refused(/cannot remove job .*: a worker has locked it/, 'remove', job.id, '--children', '--yes');
      await Promise.all(workers.splice(0).map(worker => worker.close(true)));
      await client.del(`bull:${queue.name}:${held.id}:lock`);
      deepEqual(await ask('remove', job.id, '--children', '--yes'), {removed: 1});
      equal(await queue.getJob(job.id), undefined);
      equal(await queue.getJob(child.id), undefined);
      await refused(/there is no job/, 'remove', job.id, '--yes');
    });

    test('old jobs are cleaned, young ones stay', async () => {
      await queue.addBulk(Array.from({length: 4}, () => ({name: 'x', data: {}})));
      await work(4, fail);
      deepEqual(await ask('clean', 'failed', '--grace', '3600', '--yes'), {removed: 0});
      deepEqual(await ask('clean', 'failed', '--grace', '0', '--limit', '1', '--yes'), {removed: 1});
      deepEqual(await ask('clean', 'failed', '--grace', '0', '--yes'), {removed: 3});
      equal((await counts()).failed, 0);
    });

    test('draining removes what waits, and what is delayed if asked', async () => {
      await queue.add('a', {});
      await queue.add('b', {}, {priority: 1});
      await queue.add('c', {}, {delay: 100000});
      deepEqual(await ask('drain', '--yes'), {drained: true});
      deepEqual(await counts(), {waiting: 0, prioritized: 0, delayed: 1, 'waiting-children': 0,
        active: 0, completed: 0, failed: 0});
      await ask('drain', '--delayed', '--yes');
      equal((await counts()).delayed, 0);
    });

    test('obliterating removes all, but asks for force while jobs run', async () => {
      await queue.addBulk(Array.from({length: 3}, () => ({name: 'x', data: {}})));
      await hold();
      await refused(/has active jobs; wait until they have run, or say --force; the queue stays paused/,
        'obliterate', '--yes');
      equal(await queue.isPaused(), true);
      deepEqual(await ask('obliterate', '--force', '--yes'), {obliterated: true});
      const left = await client.keys(`bull:${queue.name}:*`);
      deepEqual(left.filter(key => !key.endsWith(':lock')), []);
      equal(await queue.isPaused(), false);
    });

    test('limits over all workers are what Node has, and go away', async () => {
      deepEqual(await ask('concurrency'), {concurrency: null});
      deepEqual(await ask('concurrency', '3'), {concurrency: 3});
      equal(await queue.getGlobalConcurrency(), 3);
      deepEqual(await ask('concurrency', 'none'), {concurrency: null});
      equal(await queue.getGlobalConcurrency(), null);
      deepEqual(await ask('rate-limit'), {rateLimit: null});
      deepEqual(await ask('rate-limit', '7', '9000'), {rateLimit: {max: 7, duration: 9000}});
      deepEqual(await queue.getGlobalRateLimit(), {max: 7, duration: 9000});
      await ask('rate-limit', 'none');
      equal(await queue.getGlobalRateLimit(), null);
    });
  });
}

describe('the tool itself', {timeout: 60000}, () => {
  let queue;
  const run = (...args) => bullpen(redis.socket, ['queue', ...args]);

  before(async () => {
    queue = new bullmq6.Queue('jobs', {connection: {path: redis.socket}});
    await queue.waitUntilReady();
  });
  after(() => queue.close());

  // On a terminal, with `typed` as what the person there says.
  async function onTerminal(typed, ...args) {
    const command = [join(build, 'bullpen'), 'queue', ...args].join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'],
      {stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env, REDIS_URL: `unix:${redis.socket}`}});
    let out = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      out += text;
      if (out.includes('[y/N]') && !child.stdin.writableEnded) child.stdin.end(`${typed}\n`);
    });
    const [code] = await once(child, 'close');
    return {code, out};
  }

  for (const args of [['remove', '1'], ['clean', 'failed', '--grace', '0'], ['drain'],
    ['obliterate', '--force']])
    test(`${args[0]} without a terminal wants --yes`, async () => {
      const job = await queue.add('x', {});
      const {code, out, err} = await run(...args);
      deepEqual([code, out], [2, '']);
      match(err, /removes jobs for good, and there is no terminal to ask: say --yes/);
      equal(await job.getState(), 'waiting');
    });

  test('on a terminal it asks, and takes only yes for a yes', async () => {
    const job = await queue.add('x', {});
    const kept = await onTerminal('n', 'remove', job.id);
    equal(kept.code, 1);
    match(kept.out, /Remove one job of the queue jobs at unix:.* for good\? \[y\/N\]/);
    match(kept.out, /nothing is removed/);
    equal(await job.getState(), 'waiting');
    const gone = await onTerminal('y', 'remove', job.id);
    equal(gone.code, 0);
    match(gone.out, /removed 1/);
    equal(await queue.getJob(job.id), undefined);
  });

  test('bad usage says what is wrong and what is possible, and exits 2', async () => {
    for (const [args, pattern] of [
      [[], /which command\?/],
      [['lst'], /there is no command 'lst'; there are counts, list, show/],
      [['list', 'old'], /there is no state 'old'; there are waiting, prioritized/],
      [['list'], /the usage is bullpen queue list STATE/],
      [['counts', '--limit', '3'], /unknown flag '--limit'/],
      [['counts', '--redis', 'nonsense'], /a Redis URL begins with/],
      [['counts', '--queue', 'a:b'], /a queue's name must not be empty nor have a ':'/],
    ]) {
      const {code, out, err} = await run(...args);
      deepEqual([code, out], [2, ''], args.join(' '));
      match(err, pattern);
    }
    const {code, err} = await bullpen(redis.socket, ['queu']);
    equal(code, 2);
    match(err, /there is no 'queu'\n[^]*queue +look at a queue/);
  });

  test('help and version are answered on stdout', async () => {
    for (const [args, pattern] of [
      [['--help'], /usage: bullpen COMMAND/],
      [['--version'], /^bullpen \d+\.\d+\.\d+\n$/],
      [['queue', '--help'], /usage: bullpen queue COMMAND\n[^]*obliterate/],
      [['queue', 'clean', '--help'], /usage: bullpen queue clean STATE[^]*--grace/],
      [['queue', 'clean', '--version'], /^bullpen \d+\.\d+\.\d+\n$/],
    ]) {
      const {code, out, err} = await bullpen(redis.socket, args);
      deepEqual([code, err], [0, ''], args.join(' '));
      match(out, pattern);
    }
  });

  test('a Redis that is away ends it at once, with the reason', async () => {
    for (const url of ['unix:/nowhere.sock', 'redis://127.0.0.1:1/0']) {
      const {code, out, err} = await bullpen(redis.socket, ['queue', 'counts'], {REDIS_URL: url});
      deepEqual([code, out], [1, '']);
      match(err, new RegExp(`cannot connect to Redis at ${url}`));
    }
  });

  test('of a key that is not of its type is said how to find it', async () => {
    await client.rpush(queue.toKey('delayed'), 'x');
    const {code, out, err} = await run('promote', '--all');
    deepEqual([code, out], [1, '']);
    match(err, /WRONGTYPE [^\n]*; redis-cli's TYPE tells which of the queue's keys/);
    await client.del(queue.toKey('delayed'));
  });

  test('what a job says about itself cannot steer a terminal', async () => {
    const evil = 'x\u001b[2J\u009b1m\u007f\r';
    const job = await queue.add(evil, {[evil]: `${evil}\0`}, {priority: 1});
    await job.log(evil);
    for (const args of [['list', 'prioritized'], ['show', job.id], ['show', job.id, '--json'],
      ['list', 'prioritized', '--json'], ['show', evil]]) {
      const {out, err} = await run(...args);
      ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(out + err), JSON.stringify(out + err));
    }
    deepEqual(JSON.parse((await run('show', job.id, '--json')).out).name, evil);
  });
});
