// From POST to the completed event: ours with sandboxes made ahead, ours without, and the peer, in
// turns on one engine.
//
//   node bench/end_to_end.mjs [ROUNDS [JOBS]]

import {execFileSync} from 'node:child_process';
import {figure, median, quantile, ratios, spread} from './figures.mjs';
import {Side, inTurns, machine, pause, startRedis} from './sides.mjs';

const ROUNDS = Number(process.argv[2] ?? 5), JOBS = Number(process.argv[3] ?? 12);
const PACE_MS = 120;
const programs = {
  sh: {language: 'bash', code: 'echo hi'},
  python: {language: 'python', code: 'print("hi")'},
  javascript: {language: 'javascript', code: 'console.log("hi")'},
};

const docker = machine(), redis = await startRedis();
const open = (name, more) => Side.open(name, redis, docker, {concurrency: 2, ...more});
const sides = [await open('ours'), await open('cold', {warm: 0}), await open('peer')];
const OURS = 0, COLD = 1, PEER = 2;

// What is done with one side: gives milliseconds of each job.
const shapes = {
  async 'one at a time'(side, data) {
    const times = [];
    for (let i = 0; i < JOBS; i++) times.push((await side.run(data)).ms);
    return times;
  },
  async paced(side, data) {
    const times = [];
    for (let i = 0; i < JOBS; i++) {
      times.push((await side.run(data)).ms);
      await pause(PACE_MS);
    }
    return times;
  },
  async '4 at once'(side, data) {
    const times = [];
    await Promise.all([1, 2, 3, 4].map(async () => {
      for (let i = 0; i < JOBS / 4; i++) times.push((await side.run(data)).ms);
    }));
    return times;
  },
};

console.log('| program | shape | ours p50 / p99 ms | without pool | peer | ours ÷ peer, p50 of rounds (least..most) | without pool ÷ peer |');
console.log('|---|---|---|---|---|---|---|');
for (const [program, data] of Object.entries(programs))
  for (const [shape, walk] of Object.entries(shapes)) {
    for (const side of sides) for (let i = 0; i < 3; i++) await side.run(data);
    const rounds = await inTurns(sides, ROUNDS, side => walk(side, data));
    const medians = rounds.map(list => list.map(median));
    const cells = rounds.map(list => `${median(list.flat()).toFixed(1)} / ${quantile(list.flat(), 0.99).toFixed(0)}`);
    const [warm, cold] = [OURS, COLD].map(i => ratios(medians[i], medians[PEER]));
    console.log(`| ${program} | ${shape} | ${cells.join(' | ')} | ${spread(warm)} | ${spread(cold)} |`);
    if (shape === 'paced' && program !== 'javascript') figure(`end to end p50, ${program}, paced`, warm);
    if (shape === 'paced' && program === 'sh') figure('end to end p50, sh, without pool', cold);
  }

// What is left of a paced sh job when a job that runs nothing, and the program's own time, are
// taken away: bash starts bash here, so that the start is part of it.
const nothing = await open('nothing', {noop: true});
const LOOPS = 100, script = `for i in {1..${LOOPS}}; do bash -c 'echo hi'; done`;
const added = [];
for (let round = 0; round < ROUNDS; round++) {
  const [job, way] = [await shapes.paced(sides[OURS], programs.sh), await shapes.paced(nothing, programs.sh)].map(median);
  const begun = performance.now();
  execFileSync('bash', ['-c', script], {stdio: 'ignore'});
  const own = (performance.now() - begun) / LOOPS;
  added.push(job - way - own);
  console.log(`a paced sh job ${job.toFixed(1)} ms, one that runs nothing ${way.toFixed(1)} ms, fork and exec of bash ${own.toFixed(1)} ms: ` +
    `sandboxing adds ${added.at(-1).toFixed(1)} ms`);
}
figure('added to a warm sh program\'s own time, ms', added);
await nothing.close();

for (const side of sides) await side.close();
await redis.stop();
