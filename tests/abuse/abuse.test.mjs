// Every program of the corpus gets its verdict, each time, alone and in a crowd; and when all is
// over nothing is left of any of them.
//
// ABUSE_ROUNDS says how often (10), ABUSE_AT_ONCE how many at a time (8), BULLPEN_WARM how many sandboxes
// are made ahead. ABUSE_TABLE writes the table of docs/security.md to a file.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';
import compilers from './compilers.mjs';
import endings from './endings.mjs';
import files from './files.mjs';
import kernel from './kernel.mjs';
import memory from './memory.mjs';
import output from './output.mjs';
import processes from './processes.mjs';
import {Client} from '../interop/client.mjs';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const ROUNDS = Number(process.env.ABUSE_ROUNDS ?? 10);
const AT_ONCE = process.env.ABUSE_AT_ONCE ?? '8';
const SHORT_MS = 1000; /* for programs that must run into it */
const LONG_MS = 12000; /* for those that must not, on a machine that is busy */
/* AddressSanitizer keeps what is freed for a while. */
const GROWTH_KB = /asan/.test(process.env.BULLPEN_BUILD ?? '') ? 400 * 1024 : 16 * 1024;
const corpus = {processes, memory, output, files, kernel, compilers, 'beginnings and ends': endings};

// What is wrong with a result; nothing when it is as expected.
function complaints(result, expected) {
  const list = [];
  const expect = (what, right) => { if (!right) list.push(`${what}: ${JSON.stringify(result).slice(0, 600)}`); };
  if (expected.failed) {
    expect('must fail', expected.failed.test(result.failedReason ?? ''));
    return list;
  }
  if (result.failedReason) return [`failed: ${result.failedReason}`];
  const {verdict, exitCode, stdout, truncated, bytes, not} = expected;
  expect(`verdict ${verdict}`, [verdict].flat().includes(result.verdict));
  if (exitCode !== undefined) expect(`exit code ${exitCode}`, result.exitCode === exitCode);
  if (truncated !== undefined) expect(`truncated ${truncated}`, result.truncated === truncated);
  if (bytes !== undefined) expect(`${bytes} bytes`, result.stdout.length + result.stderr.length === bytes);
  if (not !== undefined) expect(`not "${not}"`, !result.stdout.includes(not));
  if (stdout instanceof RegExp) expect(`stdout ${stdout}`, stdout.test(result.stdout));
  else if (stdout !== undefined) expect('stdout', result.stdout === stdout);
  return list;
}

const quantile = (values, q) => values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))];

describe('abuse', {timeout: 1500000}, () => {
  let docker, redis, worker, client, atRest;
  const rows = [];

  const containers = () => execFileSync('docker', ['ps', '-aq', '--filter', 'label=bullpen.queue=bull:abuse'],
    {env: {...process.env, ...docker}, encoding: 'utf8'}).split('\n').filter(Boolean);
  // But for those of sandboxes that wait for a job.
  const descriptors = () => readdirSync(`/proc/${worker.child.pid}/fd`).length - containers().length;
  const residentKb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${worker.child.pid}/status`, 'utf8'))[1]);

  // Those that die have gone, those that are made ahead are there: for a second nothing changes.
  async function calm() {
    const seen = [];
    await until(() => {
      seen.unshift(`${containers()} ${descriptors()}`);
      return seen.length > 10 && seen.slice(0, 10).every(each => each === seen[0]);
    });
  }

  async function run([language, code, expected, more = {}]) {
    const {limits, ...rest} = more;
    const timeoutMs = expected.verdict === 'time_limit' ? SHORT_MS : LONG_MS;
    const result = await client.run({language, code, timeoutMs, limits, ...rest});
    return {result, wrong: complaints(result, expected)};
  }

  before(async () => {
    docker = engine();
    redis = await startRedis();
    worker = await startWorker(redis.socket, docker, '--queue', 'abuse', '--concurrency', AT_ONCE);
    client = await Client.open(redis.socket, 'abuse');
    await Promise.all(Array.from({length: Number(AT_ONCE)}, () => run(['bash', 'echo', {verdict: 'ok'}])));
    await calm();
    atRest = {descriptors: descriptors(), residentKb: residentKb()};
  });
  after(async () => {
    await client?.close();
    await stopAll();
    await redis?.stop();
    if (process.env.ABUSE_TABLE) writeFileSync(process.env.ABUSE_TABLE, `${rows.sort().join('\n')}\n`);
  });

  for (const [chapter, programs] of Object.entries(corpus)) {
    test(`${chapter}: ${Object.keys(programs).length} programs, ${ROUNDS} times, ${AT_ONCE} at once`, async t => {
      // Each round has them all at once: what runs beside what changes from round to round.
      const outcomes = Object.fromEntries(Object.keys(programs).map(name => [name, []]));
      for (let round = 0; round < ROUNDS; round++)
        await Promise.all(Object.entries(programs).map(async ([name, program]) =>
          outcomes[name].push(await run(program))));
      for (const [name, runs] of Object.entries(outcomes)) {
        await t.test(name, () => {
          assert.deepEqual(runs.flatMap(({wrong}) => wrong), []);
        });
        const verdicts = [...new Set(runs.map(({result}) => result.verdict ?? 'refused'))].join(', ');
        const times = runs.map(({result}) => result.durationMs).filter(ms => ms !== undefined);
        rows.push(`| ${chapter} | ${name} | ${verdicts} | ${times.length ? quantile(times, 0.5) : ''} |`);
      }
    });
  }

  test('nothing is left of them', async () => {
    await calm();
    assert.ok(descriptors() <= atRest.descriptors, `${descriptors()} descriptors, ${atRest.descriptors} at rest`);
    await until(() => residentKb() - atRest.residentKb < GROWTH_KB);
    assert.equal(await worker.stop(), 0);
    await until(() => containers().length === 0);
  });
});
