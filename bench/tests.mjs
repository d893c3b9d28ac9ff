// A C++ program and twenty tests: as one job that compiles it once, and as twenty jobs.
//
//     node bench/tests.mjs [ROUNDS]
//
// Prints milliseconds from the adding to the last result; judges nothing but that the results are right.

import assert from 'node:assert/strict';
import {Client} from '../tests/interop/client.mjs';
import {engine, startWorker} from '../tests/support/programs.mjs';
import {startRedis} from '../tests/support/redis.mjs';

const ROUNDS = Number(process.argv[2] ?? 10);
const TESTS = 20;

const code = `#include <iostream>
#include <string>
int main() {
    std::string word;
    long sum = 0;
    while (std::cin >> word)
        sum += std::stol(word);
    std::cout << sum << std::endl;
}
`;
const tests = Array.from({length: TESTS}, (_, i) => ({stdin: `${i} ${i * i}\n`, expected: `${i + i * i}`}));

const docker = engine();
const redis = await startRedis();

async function oneJob(client) {
  const {verdict, passed, compileMs} = await client.run({language: 'cpp', code, tests});
  assert.deepEqual([verdict, passed], ['ok', TESTS]);
  return compileMs;
}

async function manyJobs(client) {
  const results = await Promise.all(tests.map(({stdin}) => client.run({language: 'cpp', code, stdin})));
  assert.deepEqual(results.map(({output}) => output), tests.map(({expected}) => expected));
  return results.reduce((sum, {compileMs}) => sum + compileMs, 0);
}

async function measure(what, client, run) {
  const times = [], compiling = [];
  await run(client); // and sandboxes are made ahead
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    compiling.push(await run(client));
    times.push(performance.now() - began);
  }
  const median = list => list.sort((a, b) => a - b)[Math.floor(list.length / 2)].toFixed(0);
  console.log(`${what.padEnd(44)} p50 ${median(times)} ms, worst ${times.at(-1).toFixed(0)} ms, ` +
    `of that compiling ${median(compiling)} ms (${ROUNDS} rounds)`);
}

for (const slots of ['1', '2']) {
  const worker = await startWorker(redis.socket, docker, '--queue', 'bench', '--concurrency', slots);
  const client = await Client.open(redis.socket, 'bench');
  await measure(`${TESTS} tests in one job, ${slots} at once`, client, oneJob);
  await measure(`${TESTS} jobs, ${slots} at once`, client, manyJobs);
  await client.close();
  await worker.stop();
}
await redis.stop();
