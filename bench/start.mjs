// From starting a worker to the end of its first job, and what the programs weigh when idle: ours
// and the peer, in turns. The job is there before the worker.
//
//   node bench/start.mjs [ROUNDS]

import {figure, median, spread} from './figures.mjs';
import {Side, machine, residentKb, startRedis} from './sides.mjs';

const ROUNDS = Number(process.argv[2] ?? 5);
const docker = machine(), redis = await startRedis();

async function firstJob(name, noop) {
  const side = await Side.open(name, redis, docker, {concurrency: 2, noop});
  await side.programs[0].stop();
  const ended = side.run({language: 'bash', code: 'echo hi'});
  while (await side.queue.getWaitingCount() === 0) await new Promise(resolve => setTimeout(resolve, 5));
  const begun = process.hrtime.bigint();
  side.programs[0] = await side.startWorker();
  await ended;
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  const weights = {api: residentKb(side.api), worker: residentKb(side.programs[0].child.pid)};
  await side.queue.obliterate({force: true});
  await side.close();
  return {ms, ...weights};
}

for (const [what, noop] of [['start to the end of a first job that runs nothing', true], ['start to the end of a first sh job, cold', false]]) {
  const ours = [], peer = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await firstJob('ours', noop));
    peer.push(await firstJob('peer', noop));
  }
  const half = (list, name) => median(list.map(each => each[name])).toFixed(0);
  const ratios = name => ours.map((each, i) => each[name] / peer[i][name]);
  console.log(`${what}: ours ${half(ours, 'ms')} ms, peer ${half(peer, 'ms')} ms, ratio ${spread(ratios('ms'))}`);
  for (const name of ['api', 'worker'])
    console.log(`  resident memory, ${name}: ours ${half(ours, name)} KB, peer ${half(peer, name)} KB, ratio ${spread(ratios(name))}`);
  if (noop) {
    figure('worker start to first job', ratios('ms'));
    figure('resident memory, API', ratios('api'));
  } else {
    figure('resident memory, worker', ratios('worker'));
  }
}
await redis.stop();
