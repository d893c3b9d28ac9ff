// What was measured against what was promised: the table of docs/performance.md.
//
//   node bench/table.mjs FILE        FILE is what bench/figures.mjs has written

import {readFileSync} from 'node:fs';
import {median, spread} from './figures.mjs';

// Ours divided by the peer's, but where a unit is named. "<": no more than; ">": no less.
const PROMISES = [
  ['end to end p50, sh, paced', '<', 0.05, 0.02],
  ['end to end p50, python, paced', '<', 0.15, 0.03],
  ['end to end p50, sh, without pool', '<', 0.6, 0.3],
  ['container jobs/s, flood', '>', 1.5, 4],
  ['added to a warm sh program\'s own time, ms', '<', 5, 2],
  ['POST requests/s', '>', 3.5, 5],
  ['GET requests/s', '>', 5, 8],
  ['GET requests/s, 100 k waiting', '>', 20, 60],
  ['POST p99', '<', 0.35, 0.2],
  ['GET p99', '<', 0.35, 0.2],
  ['drain, concurrency 1', '>', 1.4, 1.6],
  ['drain, concurrency 16', '>', 1.05, 1.8],
  ['drain, concurrency 64', '>', 1.05, 1.8],
  ['Redis CPU per noop job', '<', 1, 0.55],
  ['API CPU per POST', '<', 0.18, 0.12],
  ['API CPU per GET', '<', 0.18, 0.12],
  ['worker CPU per noop job', '<', 0.2, 0.1],
  ['resident memory, API', '<', 0.1, 0.05],
  ['resident memory, worker', '<', 0.1, 0.05],
  ['worker start to first job', '<', 0.15, 0.05],
];

const figures = new Map(readFileSync(process.argv[2], 'utf8').trim().split('\n').filter(Boolean)
  .map(line => JSON.parse(line)).map(({name, values}) => [name, values]));

console.log('| ours ÷ peer | seen (least..most) | must | aim | |\n|---|---|---|---|---|');
for (const [name, sign, must, aim] of PROMISES) {
  const values = figures.get(name);
  const kept = limit => sign === '<' ? median(values) <= limit : median(values) >= limit;
  const said = !values ? 'not measured' : !kept(must) ? 'MISSED' : kept(aim) ? 'aim met' : 'must met';
  const bound = limit => `${sign === '<' ? '≤' : '≥'} ${limit}`;
  console.log(`| ${name} | ${values ? spread(values) : ''} | ${bound(must)} | ${bound(aim)} | ${said} |`);
}
for (const name of figures.keys())
  if (!PROMISES.some(([known]) => known === name)) throw new Error(`${name} is measured, and nothing is promised of it`);
