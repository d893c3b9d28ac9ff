// From POST to the completed event: ours with sandboxes made ahead, ours without, and the peer, in
// turns on one engine.
//
//   node bench/end_to_end.mjs [ROUNDS [JOBS]]

import {Side, machine, pause, quantile, startRedis} from './sides.mjs';

const ROUNDS = Number(process.argv[2] ?? 4), JOBS = Number(process.argv[3] ?? 25);
const PACE_MS = 120;
const programs = {
  sh: {language: 'bash', code: 'echo hi'},
  python: {language: 'python', code: 'print("hi")'},
  javascript: {language: 'javascript', code: 'console.log("hi")'},
};

const docker = machine(), redis = await startRedis();
const open = (name, warm) => Side.open(name, redis, docker, {warm, concurrency: 2});
const sides = [await open('ours'), await open('cold', 0), await open('peer')];

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

const spread = values => `${quantile(values, 0.5).toFixed(3)} (${Math.min(...values).toFixed(3)}..${Math.max(...values).toFixed(3)})`;

console.log('| program | shape | ours p50 / p99 ms | without pool | peer | ours ÷ peer, p50 of rounds (least..most) | without pool ÷ peer |');
console.log('|---|---|---|---|---|---|---|');
for (const [program, data] of Object.entries(programs))
  for (const [shape, walk] of Object.entries(shapes)) {
    const all = sides.map(() => []), medians = sides.map(() => []);
    for (const side of sides) for (let i = 0; i < 3; i++) await side.run(data);
    for (let round = 0; round < ROUNDS; round++)
      for (const i of round % 2 ? [2, 1, 0] : [0, 1, 2]) {
        await pause(300);
        const times = await walk(sides[i], data);
        all[i].push(...times);
        medians[i].push(quantile(times, 0.5));
      }
    const ratios = i => spread(medians[i].map((median, round) => median / medians[2][round]));
    const cells = all.map(times => `${quantile(times, 0.5).toFixed(1)} / ${quantile(times, 0.99).toFixed(0)}`);
    console.log(`| ${program} | ${shape} | ${cells.join(' | ')} | ${ratios(0)} | ${ratios(1)} |`);
  }

const FLOOD = JOBS * 6;
const rates = sides.map(() => []);
for (let round = 0; round < ROUNDS; round++)
  for (const i of round % 2 ? [2, 1, 0] : [0, 1, 2]) {
    const begun = process.hrtime.bigint();
    await Promise.all(Array.from({length: FLOOD}, () => sides[i].run(programs.sh)));
    rates[i].push(FLOOD / (Number(process.hrtime.bigint() - begun) / 1e9));
    await pause(500);
  }
console.log(`flood of ${FLOOD} sh, jobs/s: ours ${spread(rates[0])}, without pool ${spread(rates[1])}, peer ${spread(rates[2])}; `
  + `ours ÷ peer ${spread(rates[0].map((rate, round) => rate / rates[2][round]))}`);
for (const side of sides) await side.close();
await redis.stop();
