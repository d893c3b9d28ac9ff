// What is measured against each other: ours, ours without sandboxes made ahead, and what people run
// today (bench/peer). Each has an HTTP address, a queue of its own and one worker; all share one
// private redis-server and the machine's engine.

import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {Agent, request} from 'node:http';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {engine, startProducer, startWorker} from '../tests/support/programs.mjs';
import {startRedis} from '../tests/support/redis.mjs';
import {spawnWithUs} from '../tests/support/spawn.mjs';

const require = createRequire(new URL('../tests/interop/package.json', import.meta.url));
const {Queue, QueueEvents} = require('bullmq6');
const peer = fileURLToPath(new URL('peer', import.meta.url));

async function startPeer(script, env, said) {
  const child = spawnWithUs(process.execPath, [`${peer}/${script}.mjs`],
    {cwd: peer, env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'inherit']});
  const [, match] = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', more => {
      text += more;
      const found = said.exec(text);
      if (found) resolve([text, found]);
    });
    child.on('exit', code => reject(new Error(`${script} ended with ${code}`)));
  });
  return {child, match, stop: async () => {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
    await once(child, 'exit');
  }};
}

// On connections that stay; fetch costs the driver milliseconds.
const agent = new Agent({keepAlive: true});
const post = (url, body) => new Promise((resolve, reject) => {
  const headers = {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)};
  request(url, {method: 'POST', agent, headers}, response => {
    let text = '';
    response.setEncoding('utf8').on('data', more => { text += more; }).on('end', () => resolve(JSON.parse(text)));
  }).on('error', reject).end(body);
});

// What a job costs in CPU: seconds used by now of a side's programs, of Redis, and of the whole
// machine but us; the engine and the sandboxes have the rest.
export function cpuUsed(side, redis) {
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'latin1').split('\n')[0].split(/\s+/).map(Number);
  const {user: own, system: ownSystem} = process.cpuUsage();
  return {api: cpuOf(side.api), worker: cpuOf(side.worker), redis: cpuOf(redis.pid),
    machine: (user + nice + system + irq + softirq) / 100 - (own + ownSystem) / 1e6};
}

// {name, url, queue, api, worker}; the last two are process ids.
export class Side {
  static async open(name, redis, docker, {warm, concurrency, noop}) {
    const side = new Side(), queue = `bench-${name}`;
    side.name = name;
    let api;
    if (name === 'peer') {
      const env = {REDIS_SOCKET: redis.socket, QUEUE: queue, CONCURRENCY: concurrency, PORT: 0, NODE_ENV: 'production',
        DOCKER_SOCKET: docker.DOCKER_HOST?.replace('unix://', ''), ...docker.peer, ...(noop && {NOOP: 1})};
      api = await startPeer('api', env, /listening on (\d+)/);
      side.url = `http://127.0.0.1:${api.match[1]}`;
      side.startWorker = () => startPeer('worker', env, /ready/);
    } else {
      api = await startProducer(redis.socket, docker, '--queue', queue);
      side.url = api.url;
      side.startWorker = () => startWorker(redis.socket, {BULLPEN_SELFTEST: 'no', ...docker}, '--queue', queue, '--concurrency', concurrency,
        ...(warm === undefined ? [] : ['--warm', warm]), ...(noop ? ['--runner', 'noop'] : []));
    }
    side.programs = [await side.startWorker(), api];
    [side.worker, side.api] = side.programs.map(({child}) => child.pid);
    const connection = {path: redis.socket, maxRetriesPerRequest: null};
    side.queue = new Queue(queue, {connection});
    side.events = new QueueEvents(queue, {connection});
    side.ended = new Map();
    const end = failed => event => {
      side.ended.get(event.jobId)?.({failed, event, at: process.hrtime.bigint()});
      if (!side.ended.delete(event.jobId)) side.ended.set(event.jobId, {failed, event, at: process.hrtime.bigint()});
    };
    side.events.on('completed', end(false)).on('failed', end(true));
    await side.events.waitUntilReady();
    return side;
  }

  post(data) {
    return post(`${this.url}/v1/jobs`, JSON.stringify(data));
  }

  // POST a job and wait for its end; gives the milliseconds between, and the result.
  async run(data) {
    const begun = process.hrtime.bigint();
    const {jobId} = await this.post(data);
    const {failed, event, at} = await new Promise(resolve => {
      const early = this.ended.get(jobId);
      this.ended.set(jobId, resolve);
      if (early) {
        this.ended.delete(jobId);
        resolve(early);
      }
    });
    if (failed) throw new Error(`${this.name}: ${event.failedReason}`);
    return {ms: Number(at - begun) / 1e6, result: JSON.parse(JSON.stringify(event.returnvalue))};
  }

  async close() {
    await this.events.close();
    await this.queue.close();
    for (const program of this.programs) await program.stop();
  }
}

// The engine and the images, for both.
export function machine() {
  const docker = engine();
  const images = {};
  for (const language of ['bash', 'python', 'javascript']) {
    const yaml = readFileSync(new URL(`../lang-registry/languages/${language}.yaml`, import.meta.url), 'utf8');
    const part = docker.BULLPEN_IMAGES === 'standin' ? /standin:[^]*?image: *"?([^"\s}]+)/ : /versions:[^]*?image: *"?([^"\s}]+)/;
    [, images[`PEER_${language.toUpperCase()}`]] = part.exec(yaml);
  }
  return {...docker, peer: images};
}

export {startRedis};

// CPU seconds that a process has used.
export function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export const residentKb = pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

// `ask` of each side in turns, every other round backwards; gives a list of rounds for each.
export async function inTurns(list, rounds, ask) {
  const all = list.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const i of round % 2 ? [...list.keys()].reverse() : list.keys()) {
      await pause(300);
      all[i].push(await ask(list[i]));
    }
  return all;
}
