// Our own programs for a Node test: a producer and workers, as child processes, with the
// machine's engine.

import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {join} from 'node:path';
import {spawnWithUs} from './spawn.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const build = process.env.BULLPEN_BUILD ?? join(root, 'build');
const lastLine = text => text.trim().split('\n').at(-1);
const deploy = (script, env, ...args) => lastLine(execFileSync(join(root, 'deploy', script), args,
  {env: {...process.env, ...env}, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8'}));

// The engine and the images: {DOCKER_HOST, BULLPEN_IMAGES}. Started and made when missing.
export function engine() {
  const DOCKER_HOST = `unix://${deploy('engine.sh', {}, 'start')}`;
  const languages = readFileSync(join(root, 'deploy', 'languages'), 'utf8').trim().split(/\s+/);
  const [, BULLPEN_IMAGES] = deploy('images.sh', {DOCKER_HOST}, ...languages).split('=');
  return {DOCKER_HOST, BULLPEN_IMAGES};
}

const started = new Set();

// What a test that failed has left running.
export const stopAll = () => Promise.all([...started].map(program => program.stop('SIGKILL')));

// Start a program; gives it once it has logged `event`. Its `log` is a growing text.
async function start(program, event, args, env) {
  const child = spawnWithUs(join(build, program), args,
    {cwd: root, env: {...process.env, ...env}, stdio: ['ignore', 'ignore', 'pipe']});
  const running = {child, log: '', exited: once(child, 'exit')};
  started.add(running);
  running.stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    const [code] = await running.exited;
    started.delete(running);
    return code;
  };
  const seen = new Promise(resolve => child.stderr.setEncoding('utf8').on('data', text => {
    running.log += text;
    if (running.log.includes(`event=${event}`)) resolve();
  }));
  await Promise.race([seen, running.exited.then(() => {
    throw new Error(`${program} did not start:\n${running.log}`);
  })]);
  return running;
}

// Without self-tests: their containers are none of the test's, and take its time.
export const startWorker = (redis, env, ...args) => start('bullpen-worker', 'redis-ready',
  ['--redis', `unix:${redis}`, ...args], {BULLPEN_SELFTEST: 'no', ...env});

// With `url`, `post` and `get`, which give the parsed answers.
export async function startProducer(redis, env, ...args) {
  const producer = await start('bullpen-producer', 'redis-ready',
    ['--redis', `unix:${redis}`, '--port', '0', ...args], env);
  producer.url = `http://127.0.0.1:${/event=listening.* port=(\d+)/.exec(producer.log)[1]}`;
  const ask = async (path, init) => (await fetch(producer.url + path, init)).json();
  producer.post = body => ask('/v1/jobs', {method: 'POST', body: JSON.stringify(body),
    headers: {'Content-Type': 'application/json'}});
  producer.get = id => ask(`/v1/jobs/${id}`);
  return producer;
}

// Run the operator's tool without a terminal; gives {code, out, err}.
export async function bullpen(redis, args, env) {
  const child = spawnWithUs(join(build, 'bullpen'), args, {cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, REDIS_URL: `unix:${redis}`, ...env}});
  const said = {out: '', err: ''};
  child.stdout.setEncoding('utf8').on('data', text => { said.out += text; });
  child.stderr.setEncoding('utf8').on('data', text => { said.err += text; });
  const [code] = await once(child, 'close');
  return {code, ...said};
}
