// Jobs per second, and what each costs: ours and BullMQ 6 in turns, each on a fresh queue of one
// private redis-server. Nothing is run: it is the queue that is measured.
//
//   node bench/queue/throughput.mjs [JOBS [DEEPEST]]

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {startRedis} from '../../tests/support/redis.mjs';
import {figure, median, spread} from '../figures.mjs';

const require = createRequire(new URL('../../tests/interop/package.json', import.meta.url));
const {Redis} = require('ioredis');
const root = fileURLToPath(new URL('../..', import.meta.url));
const build = process.env.BULLPEN_BUILD ?? `${root}build`;

const JOBS = Number(process.argv[2] ?? 20000);
const DEPTHS = [0, 10000, 100000, 400000].filter(depth => depth <= Number(process.argv[3] ?? 400000));
const TICK_S = 0.01; // of /proc/PID/stat

const server = await startRedis();
const redis = new Redis(server.socket);
let queues = 0;

const run = (command, ...args) => spawn(command, args.map(String), {cwd: root, stdio: ['ignore', 'ignore', 'pipe'],
  env: {...process.env, BULLPEN_RUNNER: 'noop'}});
const sides = {
  ours: {
    add: (queue, jobs, window) => run(`${build}/bench/add`, server.socket, queue, jobs, window),
    drain: (queue, concurrency) => run(`${build}/bullpen-worker`, '--redis', `unix:${server.socket}`,
      '--queue', queue, '--concurrency', concurrency, '--log-level', 'error'),
  },
  bullmq: {
    add: (queue, jobs, window) => run(process.execPath, 'bench/queue/node.mjs', 'add', server.socket, queue, jobs, window),
    drain: (queue, concurrency) => run(process.execPath, 'bench/queue/node.mjs', 'drain', server.socket, queue, concurrency),
  },
};

// Seconds of CPU that a process has used.
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_S;
}

async function redisUse() {
  const info = await redis.info('everything');
  const number = name => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
  return {cpu: number('used_cpu_user') + number('used_cpu_sys'), commands: number('total_commands_processed')};
}

// What the jobs cost from the tenth part of `jobs` on, by how many there really were then and are
// at the end; `count` tells. Of a process that has ended by then its CPU is known to 2 ms before.
async function measure(jobs, child, count) {
  let own = 0;
  const until = async wanted => {
    for (;;) {
      const there = await count();
      if (child.exitCode === null) own = cpuOf(child.pid);
      if (there >= wanted) return there;
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  };
  const first = await until(jobs / 10);
  const before = {...await redisUse(), own, at: process.hrtime.bigint()};
  const measured = await until(jobs) - first;
  const seconds = Number(process.hrtime.bigint() - before.at) / 1e9;
  const after = await redisUse();
  return {perSecond: measured / seconds, redisUs: (after.cpu - before.cpu) / measured * 1e6,
    ownUs: (own - before.own) / measured * 1e6, commands: (after.commands - before.commands) / measured};
}

async function drain(side, concurrency, jobs, depth) {
  const queue = `q${queues += 1}`;
  await once(sides.ours.add(queue, jobs + depth, 1000), 'exit');
  const child = sides[side].drain(queue, concurrency);
  const result = await measure(jobs, child, () => redis.zcard(`bull:${queue}:completed`));
  child.kill('SIGKILL');
  await once(child, 'exit');
  await redis.flushall();
  return result;
}

async function add(side, jobs, window) {
  const queue = `q${queues += 1}`;
  const child = sides[side].add(queue, jobs, window);
  const result = await measure(jobs, child, async () => Number(await redis.get(`bull:${queue}:id`)));
  if (child.exitCode === null) await once(child, 'exit');
  await redis.flushall();
  return result;
}

const shown = number => number.toFixed(number < 10 ? 1 : 0);

// A line of the table: both in turns, every other round backwards. `figures` names those that are promised.
async function compare(what, ask, rounds, figures = {}) {
  const seen = {ours: [], bullmq: []};
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 ? ['bullmq', 'ours'] : ['ours', 'bullmq']) seen[side].push(await ask(side));
  const ratios = name => seen.ours.map((ours, round) => ours[name] / seen.bullmq[round][name]);
  const columns = ['perSecond', 'redisUs', 'ownUs', 'commands'].flatMap(name =>
    [seen.ours, seen.bullmq].map(list => shown(median(list.map(each => each[name])))));
  console.log(`| ${what} | ${columns.join(' | ')} | ${spread(ratios('perSecond'))} |`);
  for (const [name, said] of Object.entries(figures)) figure(said, ratios(name));
}

console.log('| | jobs/s ours | BullMQ 6 | Redis µs/job ours | BullMQ 6 | client µs/job ours | BullMQ 6 | commands/job ours | BullMQ 6 | ratio of jobs/s |');
console.log('|---|---|---|---|---|---|---|---|---|---|');
for (const concurrency of [1, 16, 64])
  await compare(`drain, concurrency ${concurrency}`, side => drain(side, concurrency, JOBS, 0), 5, {
    perSecond: `drain, concurrency ${concurrency}`,
    ...(concurrency === 16 && {redisUs: 'Redis CPU per noop job', ownUs: 'worker CPU per noop job'}),
  });
for (const depth of DEPTHS.filter(Boolean))
  await compare(`drain, concurrency 16, ${depth / 1000} k more waiting`, side => drain(side, 16, JOBS, depth), 2);
await compare('add, one after the other', side => add(side, Math.ceil(JOBS / 2), 1), 3);
await compare('add, in bulk', side => add(side, JOBS, 1000), 3);
redis.disconnect();
await server.stop();
