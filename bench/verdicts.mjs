// How long after its limit a program is dead and its job answered, and how soon a fork bomb is.
//
//     node bench/verdicts.mjs [JOBS]
//
// Prints milliseconds; judges nothing. One job at a time: what is measured is the kill.

import {Client} from '../tests/interop/client.mjs';
import {engine, startWorker} from '../tests/support/programs.mjs';
import {startRedis} from '../tests/support/redis.mjs';

const JOBS = Number(process.argv[2] ?? 100);
const LIMIT_MS = 300;

const docker = engine();
const redis = await startRedis();
const worker = await startWorker(redis.socket, docker, '--queue', 'bench', '--concurrency', '1');
const client = await Client.open(redis.socket, 'bench');

async function measure(what, data, late) {
  const times = [];
  for (let i = 0; i < JOBS; i++) {
    const result = await client.run({language: 'bash', ...data});
    times.push(late(result));
  }
  times.sort((a, b) => a - b);
  const at = share => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  console.log(`${what.padEnd(44)} p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${times.at(-1)} ms (${JOBS} jobs)`);
}

const beyond = ({durationMs}) => durationMs - LIMIT_MS;
await measure('sleeps beyond its limit: end - limit', {code: 'sleep 60', timeoutMs: LIMIT_MS}, beyond);
await measure('burns beyond its limit: end - limit', {code: 'while :; do :; done', timeoutMs: LIMIT_MS}, beyond);
await measure('ignores TERM, closed output: end - limit',
  {code: 'trap "" TERM; exec >&- 2>&-; while :; do :; done', timeoutMs: LIMIT_MS}, beyond);
await measure('fork bomb: begin to end', {code: ':(){ :|:& };:', timeoutMs: 10000}, ({durationMs}) => durationMs);

await client.close();
await worker.stop();
await redis.stop();
