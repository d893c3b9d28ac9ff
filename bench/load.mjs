// How long a job takes by how many come a second: sh jobs at a steady rate, whether the ones before
// have ended or not; ours and the peer in turns. Draws docs/latency.svg.
//
//   node bench/load.mjs [SECONDS_A_RATE [FILE]]

import {writeFileSync} from 'node:fs';
import {quantile} from './figures.mjs';
import {Side, machine, pause, startRedis} from './sides.mjs';

const SECONDS = Number(process.argv[2] ?? 5), FILE = process.argv[3] ?? 'docs/latency.svg';
const RATES = [1, 2, 4, 6, 8, 12, 16, 20, 25, 30, 40];
const TOO_LATE_MS = 3000; /* a side that is later than this is not asked for more */

const docker = machine(), redis = await startRedis();
const sides = [];
for (const name of ['ours', 'peer']) sides.push(await Side.open(name, redis, docker, {concurrency: 2}));
const points = sides.map(() => []);
for (const side of sides) for (let i = 0; i < 5; i++) await side.run({language: 'bash', code: 'echo hi'});

for (const rate of RATES)
  for (const [i, side] of sides.entries()) {
    if (points[i].at(-1)?.p50 > TOO_LATE_MS) continue;
    const jobs = [];
    for (const end = Date.now() + SECONDS * 1000; Date.now() < end;) {
      jobs.push(side.run({language: 'bash', code: 'echo hi'}));
      await pause(1000 / rate);
    }
    const times = (await Promise.all(jobs)).map(({ms}) => ms);
    points[i].push({rate, p50: quantile(times, 0.5), p99: quantile(times, 0.99)});
    await pause(1000);
  }
for (const side of sides) await side.close();
await redis.stop();

console.log('| jobs/s | ours p50 / p99 ms | peer p50 / p99 ms |\n|---|---|---|');
const cell = point => point ? `${point.p50.toFixed(1)} / ${point.p99.toFixed(0)}` : 'overloaded';
for (const rate of RATES) {
  const row = points.map(list => list.find(point => point.rate === rate));
  if (row.some(Boolean)) console.log(`| ${rate} | ${row.map(cell).join(' | ')} |`);
}

// The picture: both axes logarithmic.
const LEFT = 60, TOP = 30, WIDTH = 560, HEIGHT = 320, MS = [1, 10000], PER_S = [1, 40];
const scale = (value, [from, to]) => Math.log(Math.min(to, Math.max(from, value)) / from) / Math.log(to / from);
const x = rate => (LEFT + WIDTH * scale(rate, PER_S)).toFixed(1);
const y = ms => (TOP + HEIGHT * (1 - scale(ms, MS))).toFixed(1);
const line = (list, name, colour, dash) =>
  `<polyline fill="none" stroke="${colour}" stroke-width="2"${dash ? ' stroke-dasharray="5 4"' : ''} points="${list.map(point => `${x(point.rate)},${y(point[name])}`).join(' ')}"/>`;
const text = (at, words, more = '') => `<text x="${at[0]}" y="${at[1]}" ${more}>${words}</text>`;
const OURS = '#1a7f37', PEER = '#b3261e';
const picture = [
  `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 20}" height="${TOP + HEIGHT + 75}" font-family="sans-serif" font-size="12">`,
  '<rect width="100%" height="100%" fill="white"/>',
  ...[1, 10, 100, 1000, 10000].flatMap(ms => [`<line x1="${LEFT}" x2="${LEFT + WIDTH}" y1="${y(ms)}" y2="${y(ms)}" stroke="#ddd"/>`,
    text([LEFT - 6, Number(y(ms)) + 4], `${ms}`, 'text-anchor="end"')]),
  ...RATES.map(rate => text([x(rate), TOP + HEIGHT + 16], `${rate}`, 'text-anchor="middle"')),
  text([LEFT, TOP - 12], 'ms from POST to completed, sh, 2 cores; solid p50, dashed p99'),
  text([LEFT + WIDTH / 2, TOP + HEIGHT + 34], 'jobs a second', 'text-anchor="middle"'),
  ...[['p50', false], ['p99', true]].flatMap(([name, dash]) =>
    [line(points[0], name, OURS, dash), line(points[1], name, PEER, dash)]),
  text([LEFT, TOP + HEIGHT + 58], 'Bullpen', `fill="${OURS}"`),
  text([LEFT + 80, TOP + HEIGHT + 58], 'Express + BullMQ + dockerode', `fill="${PEER}"`),
  '</svg>',
];
writeFileSync(FILE, `${picture.join('\n')}\n`);
console.log(`${FILE} is drawn`);
