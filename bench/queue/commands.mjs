// Microseconds of Redis per call of each command: ours and BullMQ 6.2.0's own, in turns, with the
// same calls on the same server. Redis counts them itself (INFO commandstats); given are medians
// over rounds, so that neither a busy machine nor the order of the turns decides.
//
//   node bench/queue/commands.mjs [ROUNDS [NAME ...]]

import {createRequire} from 'node:module';
import {startRedis} from '../../tests/support/redis.mjs';
import {defineScripts} from '../../tests/support/scripts.mjs';
import {OneByOne, ScriptQueue} from '../../tests/interop/queue.mjs';

const require = createRequire(new URL('../../tests/interop/package.json', import.meta.url));
const {Redis} = require('ioredis');
const {Queue} = require('bullmq62');

const rounds = Number(process.argv[2] ?? 60);
const only = process.argv.slice(3);
const CALLS = 100; // a round
const NOW = 1795225557484;

// A job as our producer makes it.
const DATA = JSON.stringify({language: 'python', code: 'print(2 + 2)\n'.repeat(20), stdin: '', timeoutMs: 3000});
const OPTS = {attempts: 3, backoff: {type: 'exponential', delay: 1000},
  removeOnComplete: {age: 3600}, removeOnFail: {age: 86400}};
const RESULT = JSON.stringify({status: 'completed', verdict: 'ok', exitCode: 0, output: '4', stdout: '4\n',
  stderr: '', durationMs: 31, cpuMs: 18, memoryBytes: 9437184});
const KEEP = {age: 3600};

const add = (q, opts = {}, more) => q.add({...OPTS, ...opts}, {data: DATA, at: NOW, ...more});
const fetch = (q, at = NOW) => q.fetch({at, token: 't', name: 'worker-1'});
const finish = (q, id, more) => q.finish(String(id), {at: NOW, value: RESULT, keep: KEEP, attempts: 3, name: 'worker-1', ...more});
const failed = {as: 'failed', value: 'Error: no engine', fields: ['failedReason', 'Error: no engine', 'stacktrace', '["Error"]']};
const times = (n, call) => Promise.all(Array.from({length: n}, (_, i) => call(i + 1)));
const adds = (q, n, opts) => times(n, () => add(q, opts));
const fetches = (q, n) => times(n, () => fetch(q));
const running = async (q, opts) => {
  await adds(q, CALLS, opts);
  await fetches(q, CALLS);
};
const family = async q => {
  await times(CALLS, i => q.add(OPTS, {id: `p${i}`, isParent: true, at: NOW}));
  await times(CALLS, i => add(q, {}, {id: `c${i}`, parent: {key: q.key(`p${i}`)}}));
  await fetches(q, CALLS);
};

// The i-th 16 of jobs that began one after the other.
const sixteen = i => Array.from({length: 16}, (_, n) => ({id: String((i - 1) * 16 + n + 1), value: RESULT}));

// What is there before, and the call that is measured, for i from 1; of how many jobs it is.
const LOADS = {
  'addStandardJob': [null, q => add(q)],
  'addStandardJob, deduplicated': [q => add(q, {de: {id: 'd'}}), q => add(q, {de: {id: 'd'}})],
  'addPrioritizedJob': [null, q => add(q, {priority: 5})],
  'addDelayedJob': [null, (q, i) => add(q, {delay: 1000 + i})],
  'addParentJob': [null, q => add(q, {}, {isParent: true})],
  'addStandardJob, a child': [q => add(q, {}, {id: 'p', isParent: true}), q => add(q, {}, {parent: {key: q.key('p')}})],
  'moveToActive': [q => adds(q, CALLS), q => fetch(q)],
  'moveToActive, by priority': [q => adds(q, CALLS, {priority: 5}), q => fetch(q)],
  'moveToActive, promoting one': [(q) => times(CALLS, i => add(q, {delay: i})), (q, i) => fetch(q, NOW + i)],
  'moveToActive, nothing there': [null, q => fetch(q)],
  'moveToFinished, and the next': [async q => {
    await adds(q, CALLS + 1);
    await fetch(q);
  }, (q, i) => finish(q, i, {next: true})],
  'finishJobs, each of 16 and its next (theirs: one by one)': [async q => {
    await adds(q, 16 * (CALLS + 1));
    await fetches(q, 16);
  }, (q, i) => q.finishAll(sixteen(i), {at: NOW, keep: KEEP, name: 'worker-1'}), 16],
  'moveToFinished': [q => running(q), (q, i) => finish(q, i)],
  'moveToFinished, removed': [q => running(q), (q, i) => finish(q, i, {keep: {count: 0}})],
  'moveToFinished, failed': [q => running(q), (q, i) => finish(q, i, failed)],
  'moveToFinished, a child': [family, (q, i) => finish(q, `c${i}`)],
  'moveToFinished, deduplicated': [async q => {
    await times(CALLS, i => add(q, {de: {id: `d${i}`}}));
    await fetches(q, CALLS);
  }, (q, i) => finish(q, i)],
  'moveToFinished, with metrics': [q => running(q), (q, i) => finish(q, i, {metrics: 100})],
  'retryJob': [q => running(q), (q, i) => q.retry(String(i), {at: NOW, fields: failed.fields})],
  'moveToDelayed': [q => running(q), (q, i) => q.delay(String(i), 1000, {at: NOW, fields: failed.fields})],
  'moveJobFromActiveToWait': [q => running(q), (q, i) => q.back(String(i))],
  'moveStalledJobsToWait, 100 running': [async q => {
    await running(q);
    await q.checkStalled({at: NOW});
  }, q => {
    q.redis.del(q.key('stalled-check'));
    return q.checkStalled({at: NOW});
  }],
  'extendLock': [q => running(q), (q, i) => q.extend(String(i))],
  'extendLocks, 16': [q => running(q), q => q.extendAll(Array.from({length: 16}, (_, i) => String(i + 1)))],
  'updateProgress': [q => running(q), (q, i) => q.progress(String(i), '{"p":50}')],
  'updateData': [q => running(q), (q, i) => q.updateData(String(i), DATA)],
  'addLog': [q => running(q), (q, i) => q.log(String(i), 'a line')],
  'isFinished': [q => running(q), (q, i) => q.isFinished(String(i), '1')],
  'getStateV2': [q => running(q), (q, i) => q.state(String(i))],
  'getCounts': [q => running(q), q => q.counts('wait', 'active', 'delayed', 'prioritized', 'completed', 'failed')],
  'getRanges, 20 of 100': [q => adds(q, CALLS), q => q.ranges(0, 19, false, 'wait')],
  'removeJob': [q => adds(q, CALLS, {delay: 9000}), (q, i) => q.remove(String(i))],
  'promote': [q => adds(q, CALLS, {delay: 9000}), (q, i) => q.promote(String(i))],
  'changePriority': [q => adds(q, CALLS), (q, i) => q.changePriority(String(i), 3)],
  'changeDelay': [q => adds(q, CALLS, {delay: 9000}), (q, i) => q.changeDelay(String(i), 5000, {at: NOW})],
  'reprocessJob': [async q => {
    await running(q);
    await times(CALLS, i => finish(q, i, failed));
  }, (q, i) => q.reprocess(String(i), 'failed')],
  'cleanJobsInSet, 10 of 100': [q => adds(q, 10 * CALLS), q => q.clean('wait', NOW, 10)],
  'pause and resume': [q => adds(q, CALLS), (q, i) => (i % 2 ? q.pause() : q.resume())],
  'addJobScheduler': [null, (q, i) => q.upsert(`s${i}`, {every: 60000}, {at: NOW, opts: {repeat: {count: 1}}})],
  'updateJobScheduler': [async q => {
    await times(CALLS, i => q.upsert(`s${i}`, {every: 60000}, {at: NOW, opts: {repeat: {count: 1}}}));
    await fetches(q, CALLS);
  }, (q, i) => q.iterate(`s${i}`, `repeat:s${i}:${NOW}`, {at: NOW, opts: {...OPTS, repeat: {count: 2}}})],
};

const server = await startRedis('--maxmemory', '0');
const [theirs, ours] = [1, 2].map(db => new Redis(server.socket, {db, maxRetriesPerRequest: null}));
const queue = new Queue('another', {connection: theirs});
await queue.waitUntilReady(); // that defines its commands
const sides = {
  theirs: new OneByOne(theirs, 'bull:q:', script => `${script}:6.2.0`),
  ours: new ScriptQueue(defineScripts(ours)),
};

// Microseconds a call, or a job of it, of one round.
async function measure(q, prepare, call, jobs = 1) {
  await q.redis.flushdb();
  await q.redis.hset(q.key('meta'), 'opts.maxLenEvents', 10000);
  await prepare?.(q);
  await call(q, 1000000).catch(() => {}); // the text is loaded and its first call is not counted
  await q.redis.config('RESETSTAT');
  await times(CALLS, i => call(q, i));
  const [, usec] = /cmdstat_evalsha:calls=\d+,usec=(\d+)/.exec(await q.redis.info('commandstats'));
  return Number(usec) / (CALLS * jobs);
}

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

console.log('| Redis µs/call | ours | BullMQ 6.2.0 | ratio |');
console.log('|---|---|---|---|');
for (const [name, [prepare, call, jobs]] of Object.entries(LOADS)) {
  if (only.length && !only.some(text => name.includes(text))) continue;
  const seen = {theirs: [], ours: []};
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 ? ['ours', 'theirs'] : ['theirs', 'ours'])
      seen[side].push(await measure(sides[side], prepare, call, jobs));
  const [own, other] = [median(seen.ours), median(seen.theirs)];
  console.log(`| ${name} | ${own.toFixed(1)} | ${other.toFixed(1)} | ${(own / other).toFixed(2)} |`);
}

await queue.close();
for (const client of [theirs, ours]) client.disconnect();
await server.stop();
