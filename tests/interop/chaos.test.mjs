// Two workers with sandboxes made ahead, while things break in an order that a seed decides: workers
// are killed or told to stop, Redis is killed, sandboxes are killed behind their backs, waiting ones
// and running ones alike. Every job completes with its own output, the queue has said so once, and
// nothing stays behind.
//
// CHAOS_SEED repeats a run (times are real, so that it differs a little), CHAOS_ROUNDS says how many
// things break.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, describe, test} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {Client} from './client.mjs';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {randomOf} from '../support/random.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const SEED = Number(process.env.CHAOS_SEED ?? Date.now() % 1000000);
const ROUNDS = Number(process.env.CHAOS_ROUNDS ?? 14);
const JOBS = 4; /* a round */
const FLAGS = ['--queue', 'chaos', '--concurrency', '2', '--warm', '3', '--grace', '300',
  '--lock-duration', '800', '--stalled-interval', '400', '--max-stalled-count', '100'];
const OPTS = {attempts: 50, backoff: {type: 'fixed', delay: 50}};
const programs = [
  n => ({language: 'bash', code: `sleep 0.${n % 4}; echo ${n}`}),
  n => ({language: 'python', code: `import time; time.sleep(0.${n % 4}); print(${n})`}),
  n => ({language: 'javascript', code: `setTimeout(() => console.log(${n}), ${n % 4}00)`}),
];

describe(`chaos, CHAOS_SEED=${SEED}`, {timeout: 180000}, () => {
  const random = randomOf(SEED), pick = list => list[Math.floor(random() * list.length)];
  const jobs = new Map(); /* what each prints, by id */
  const workers = [];
  let docker, redis, client, direct, names = 0;

  before(async () => {
    docker = engine();
    redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    client = await Client.open(redis.socket, 'chaos');
    direct = new Redis(redis.socket, {maxRetriesPerRequest: null});
    for (const each of [client.queue, client.events, direct]) each.on('error', () => {}); /* Redis is away: it is meant to be */
  });
  after(async () => {
    await stopAll();
    await client.close();
    direct.disconnect();
    await redis.stop();
  });

  const dockerCli = (...args) => execFileSync('docker', args,
    {env: {...process.env, ...docker}, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});
  // [id, its worker's name] of each.
  const sandboxes = () => dockerCli('ps', '-a', '--filter', 'label=bullpen.queue=bull:chaos',
    '--format', '{{.ID}} {{.Label "bullpen.worker"}}').split('\n').filter(Boolean).map(line => line.split(' '));

  async function addWorker() {
    const worker = await startWorker(redis.socket, docker, '--name', `w${names += 1}`, ...FLAGS);
    worker.name = `w${names}`;
    workers.push(worker);
  }

  const replaceWorker = async signal => {
    const [worker] = workers.splice(Math.floor(random() * workers.length), 1);
    await Promise.all([worker.stop(signal), addWorker()]);
  };
  const breaks = {
    'a worker is killed': () => replaceWorker('SIGKILL'),
    'a worker stops': () => replaceWorker('SIGTERM'),
    'Redis is killed': () => redis.restart('SIGKILL'),
    'a sandbox is killed': () => {
      const list = sandboxes();
      try {
        if (list.length) dockerCli('kill', pick(list)[0]);
      } catch { /* it has ended by itself meanwhile */ }
    },
  };

  test('every job completes, once, and nothing stays behind', async t => {
    await addWorker();
    await addWorker();
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < JOBS; i++) {
        const {id} = await client.queue.add('execute', pick(programs)(jobs.size), OPTS);
        jobs.set(id, String(jobs.size));
      }
      await pause(random() * 500);
      const what = pick(Object.keys(breaks));
      t.diagnostic(what);
      await breaks[what]();
    }
    await until(async () => await client.queue.getCompletedCount() + await client.queue.getFailedCount() === jobs.size);
    for (const [id, text] of jobs) {
      const {returnvalue, failedReason} = await client.queue.getJob(id);
      assert.deepEqual([returnvalue?.verdict, returnvalue?.output], ['ok', text], `job ${id}: ${failedReason}`);
    }
    const events = await direct.xrange('bull:chaos:events', '-', '+');
    const completed = events.map(([, fields]) => fields).filter(fields => fields[1] === 'completed').map(fields => fields[3]);
    assert.deepEqual(completed.sort(), [...jobs.keys()].sort());
    assert.equal(await direct.llen('bull:chaos:active'), 0);

    // Those that were killed are cleaned up after; those that live take theirs with them.
    const alive = workers.map(({name}) => name);
    await until(() => sandboxes().every(([, name]) => alive.includes(name)));
    for (const worker of workers) assert.equal(await worker.stop(), 0);
    assert.deepEqual(sandboxes(), []);
  });
});
