// Requests a second that each API answers over 64 connections, how long the slowest take, and what a
// request costs; then GET again with 100 000 jobs waiting. Nothing runs: no worker is there.
//
//   node bench/http.mjs [SECONDS [ROUNDS]]

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {figure, median, spread} from './figures.mjs';
import {Side, cpuOf, residentKb, startRedis} from './sides.mjs';

const SECONDS = Number(process.argv[2] ?? 3), ROUNDS = Number(process.argv[3] ?? 5);
const CONNECTIONS = 64, DEEP = 100000;
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const body = JSON.stringify({language: 'python', code: 'print(2 + 2)'});
writeFileSync(join(folder, 'post.lua'), `wrk.method = 'POST'\nwrk.body = '${body}'\nwrk.headers['Content-Type'] = 'application/json'\n`);

const redis = await startRedis();
const images = {PEER_BASH: '-', PEER_PYTHON: '-', PEER_JAVASCRIPT: '-'};
const sides = [];
for (const name of ['ours', 'peer']) sides.push(await Side.open(name, redis, {peer: images}, {noop: true, concurrency: 1}));
for (const side of sides) await side.programs.shift().stop(); /* the worker */

const unit = {us: 0.001, ms: 1, s: 1000};
function load(side, path, ...flags) {
  const before = cpuOf(side.api);
  const said = execFileSync('wrk', ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '--latency', ...flags, side.url + path], {encoding: 'utf8'});
  const [, requests] = /(\d+) requests in/.exec(said);
  if (/Non-2xx/.test(said)) throw new Error(said);
  const [, p99, of] = /99%\s+([\d.]+)(us|ms|s)/.exec(said);
  return {perSecond: requests / SECONDS, p99: p99 * unit[of], cpuUs: (cpuOf(side.api) - before) / requests * 1e6};
}

// `figures` names those of a line that are promised.
async function compare(what, ask, figures) {
  const all = sides.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const i of round % 2 ? [1, 0] : [0, 1]) all[i].push(await ask(sides[i]));
  const cells = ['perSecond', 'p99', 'cpuUs'].flatMap(name => {
    const ratios = all[0].map((ours, round) => ours[name] / all[1][round][name]);
    if (figures[name]) figure(figures[name], ratios);
    return [...all.map(list => median(list.map(each => each[name])).toPrecision(3)), spread(ratios)];
  });
  console.log(`| ${what} | ${cells.join(' | ')} |`);
}

console.log('| | requests/s ours | peer | ratio | p99 ms ours | peer | ratio | CPU us/request ours | peer | ratio |');
console.log('|---|---|---|---|---|---|---|---|---|---|');
const first = {};
for (const side of sides) {
  const response = await fetch(`${side.url}/v1/jobs`, {method: 'POST', body, headers: {'Content-Type': 'application/json'}});
  first[side.name] = (await response.json()).jobId;
}
await compare('GET, one waiting', side => load(side, `/v1/jobs/${first[side.name]}`),
  {perSecond: 'GET requests/s', p99: 'GET p99', cpuUs: 'API CPU per GET'});
await compare('POST', side => load(side, '/v1/jobs', '-s', join(folder, 'post.lua')),
  {perSecond: 'POST requests/s', p99: 'POST p99', cpuUs: 'API CPU per POST'});
for (const side of sides) {
  const waiting = await side.queue.getWaitingCount();
  for (let added = waiting; added < DEEP; added += 5000)
    await side.queue.addBulk(Array.from({length: 5000}, () => ({name: 'execute', data: {language: 'bash', code: 'true'}})));
}
await compare(`GET, ${DEEP / 1000} k and more waiting`, side => load(side, `/v1/jobs/${first[side.name]}`),
  {perSecond: `GET requests/s, ${DEEP / 1000} k waiting`});
console.log(`resident memory of the APIs: ${sides.map(side => `${side.name} ${residentKb(side.api)} KB`).join(', ')}`);
for (const side of sides) await side.close();
await redis.stop();
rmSync(folder, {recursive: true});
