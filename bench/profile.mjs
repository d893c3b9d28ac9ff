// Where the processors' time goes while one load runs on our side: by program, library and function,
// all that the machine does. perf counts; it wants root.
//
//   node bench/profile.mjs get | post | drain | flood [TIMES]        TIMES at once; 64, or 2 of a flood

import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Side, machine, pause, startRedis} from './sides.mjs';

const SECONDS = 6;
const what = process.argv[2], times = Number(process.argv[3] ?? (what === 'flood' ? 2 : 64));
const sh = {language: 'bash', code: 'echo hi'};
const docker = what === 'flood' ? machine() : {peer: {}};
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const redis = await startRedis();
const side = await Side.open('ours', redis, docker, {noop: what !== 'flood', concurrency: times});

async function wrk(path, ...flags) {
  await side.programs.shift().stop(); /* the worker */
  return spawn('wrk', ['-t1', `-c${times}`, `-d${SECONDS + 2}s`, ...flags, side.url + path], {stdio: 'inherit'});
}

// Starts the load; gives how it is ended.
const loads = {
  async get() {
    const {jobId} = await side.post(sh);
    const child = await wrk(`/v1/jobs/${jobId}`);
    return () => once(child, 'exit');
  },
  async post() {
    const script = join(folder, 'post.lua');
    writeFileSync(script, `wrk.method = 'POST'\nwrk.body = '${JSON.stringify(sh)}'\nwrk.headers['Content-Type'] = 'application/json'\n`);
    const child = await wrk('/v1/jobs', '-s', script);
    return () => once(child, 'exit');
  },
  async drain() {
    await side.programs.shift().stop();
    execFileSync(`${process.env.BULLPEN_BUILD ?? 'build'}/bench/add`, [redis.socket, 'bench-ours', 40000 * SECONDS, 1000]);
    side.programs.unshift(await side.startWorker());
    return () => {};
  },
  async flood() {
    let over = false;
    const walkers = Array.from({length: 8 * times}, async () => { while (!over) await side.run(sh); });
    return () => {
      over = true;
      return Promise.all(walkers);
    };
  },
};

const data = join(folder, 'perf.data');
const end = await loads[what]();
await pause(1000);
// Not waited for in a call: who posts a flood is us.
await once(spawn('perf', ['record', '-q', '-a', '-F', '499', '-o', data, '--', 'sleep', String(SECONDS)], {stdio: 'inherit'}), 'exit');
await end();
await side.close();
await redis.stop();

const report = (title, limit, ...flags) => {
  const said = execFileSync('perf', ['report', '-i', data, '--stdio', '-q', '--no-children', ...flags],
    {encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore']});
  console.log(`\n${title}`);
  for (const line of said.split('\n').filter(Boolean).slice(0, limit)) console.log(line.replace(/ +(- +)*-? *$/, ''));
};
report('% of all processors, by program', 12, '--sort', 'comm');
report('by program and library', 16, '--sort', 'comm,dso');
report('by program and function', 24, '--sort', 'comm,symbol');
rmSync(folder, {recursive: true});
