// BullMQ's side of the benchmarks, in a process of its own.
//
//   node node.mjs drain SOCKET QUEUE CONCURRENCY   a Worker that does nothing with its jobs
//   node node.mjs add SOCKET QUEUE JOBS WINDOW     WINDOW 1: one after the other; else in bulk

import {createRequire} from 'node:module';

const require = createRequire(new URL('../../tests/interop/package.json', import.meta.url));
const {Queue, Worker} = require('bullmq6');
const [what, path, name, ...numbers] = process.argv.slice(2);
const [first, window] = numbers.map(Number);
const connection = {path, maxRetriesPerRequest: null};
const job = {name: 'execute', data: {language: 'bash', code: 'echo hello'}, opts: {attempts: 3}};

if (what === 'drain') {
  new Worker(name, async () => ({status: 'completed', verdict: 'ok', exitCode: 0, output: ''}),
    {connection, concurrency: first});
} else {
  const queue = new Queue(name, {connection});
  for (let left = first; left > 0; left -= window) {
    if (window === 1) await queue.add(job.name, job.data, job.opts);
    else await queue.addBulk(Array.from({length: Math.min(window, left)}, () => job));
  }
  await queue.close();
}
