// More sh jobs than can be run, all at once: how many end in a second, and what each costs the
// processors. Rounds are many, since what two shared cores can do changes by the minute.
//
//   node bench/flood.mjs [ROUNDS [JOBS]]

import {figure, median, ratios, spread} from './figures.mjs';
import {Side, cpuUsed, inTurns, machine, startRedis} from './sides.mjs';

const ROUNDS = Number(process.argv[2] ?? 9), JOBS = Number(process.argv[3] ?? 96);
const sh = {language: 'bash', code: 'echo hi'};

const docker = machine(), redis = await startRedis();
const sides = [];
for (const name of ['ours', 'peer']) sides.push(await Side.open(name, redis, docker, {concurrency: 2}));
for (const side of sides) for (let i = 0; i < 3; i++) await side.run(sh);

const floods = await inTurns(sides, ROUNDS, async side => {
  const before = cpuUsed(side, redis), begun = performance.now();
  await Promise.all(Array.from({length: JOBS}, () => side.run(sh)));
  const after = cpuUsed(side, redis), perSecond = JOBS / (performance.now() - begun) * 1e3;
  const ms = Object.fromEntries(Object.keys(after).map(name => [name, (after[name] - before[name]) / JOBS * 1e3]));
  return {perSecond, ...ms, engine: ms.machine - ms.api - ms.worker - ms.redis};
});

console.log(`| flood of ${JOBS} sh | jobs/s | CPU ms/job: API | worker | Redis | engine and sandboxes |\n|---|---|---|---|---|---|`);
for (const [i, rounds] of floods.entries()) {
  const cells = ['api', 'worker', 'redis', 'engine'].map(name => median(rounds.map(each => each[name])).toFixed(2));
  console.log(`| ${sides[i].name} | ${spread(rounds.map(({perSecond}) => perSecond))} | ${cells.join(' | ')} |`);
}
const [ours, peer] = floods.map(rounds => rounds.map(({perSecond}) => perSecond));
console.log(`ours ÷ peer, jobs/s: ${spread(ratios(ours, peer))}`);
figure('container jobs/s, flood', ratios(ours, peer));
for (const side of sides) await side.close();
await redis.stop();
