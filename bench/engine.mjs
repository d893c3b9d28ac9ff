// What a container costs before anything of ours does: create, attach and start until its first
// byte, by how the engine is set up; `docker run` and a plain fork and exec beside it.
//
//   node bench/engine.mjs [ROUNDS]

import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {Agent, request} from 'node:http';
import {median, quantile} from './figures.mjs';
import {machine, pause} from './sides.mjs';

const ROUNDS = Number(process.argv[2] ?? 15);
const docker = machine(), image = docker.peer.PEER_BASH;
const socketPath = docker.DOCKER_HOST.replace('unix://', '');
const agent = new Agent({keepAlive: true});
const seccomp = readFileSync(new URL('../deploy/seccomp-x86_64.json', import.meta.url), 'utf8');

// Gives what the engine answers; of an upgraded connection, that.
const call = (path, body, headers) => new Promise((resolve, reject) => {
  const asked = request({socketPath, path, method: 'POST', agent: headers ? false : agent,
    headers: headers ?? (body ? {'Content-Type': 'application/json'} : {})});
  asked.on('response', response => {
    let text = '';
    response.setEncoding('utf8').on('data', more => { text += more; })
      .on('end', () => response.statusCode < 300 ? resolve(text && JSON.parse(text)) : reject(new Error(`${path}: ${text}`)));
  }).on('upgrade', (response, connection) => resolve(connection)).on('error', reject).end(body && JSON.stringify(body));
});

async function container(runtime, security) {
  const begun = performance.now();
  const {Id} = await call('/containers/create', {
    Image: image, Cmd: ['sh', '-c', 'echo R; read -r _'], User: '65534:65534', NetworkDisabled: true,
    OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true,
    HostConfig: {Runtime: runtime, AutoRemove: true, ReadonlyRootfs: true, NetworkMode: 'none', IpcMode: 'none',
      LogConfig: {Type: 'none'}, Memory: 128 << 20, MemorySwap: 128 << 20, PidsLimit: 50, CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', ...security], Tmpfs: {'/tmp': 'rw,size=64m'}},
  });
  const stream = await call(`/containers/${Id}/attach?stream=1&stdin=1&stdout=1`, undefined, {Connection: 'Upgrade', Upgrade: 'tcp'});
  const ready = new Promise(resolve => stream.once('data', resolve));
  await call(`/containers/${Id}/start`);
  await ready;
  const ms = performance.now() - begun;
  stream.destroy();
  await pause(250); /* its end is not to be in the next one's way */
  return ms;
}

function command(name, args) {
  const begun = performance.now();
  execFileSync(name, args, {env: {...process.env, DOCKER_HOST: docker.DOCKER_HOST}, stdio: 'ignore'});
  return performance.now() - begun;
}

const ways = {
  'crun, our seccomp profile': () => container('crun', [`seccomp=${seccomp}`]),
  'crun, the engine\'s own': () => container('crun', []),
  'crun, no seccomp': () => container('crun', ['seccomp=unconfined']),
  'runc, our seccomp profile': () => container('runc', [`seccomp=${seccomp}`]),
  'runc, the engine\'s own': () => container('runc', []),
  'docker run --rm': () => command('docker', ['run', '--rm', '--network', 'none', image, 'bash', '-c', 'echo hi']),
  'fork and exec of bash, from here': () => command('bash', ['-c', 'echo hi']),
};
const times = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
for (let round = 0; round < ROUNDS; round++)
  for (const [name, go] of Object.entries(ways)) times[name].push(await go());
console.log('| | p50 ms | p90 ms |\n|---|---|---|');
for (const [name, list] of Object.entries(times))
  console.log(`| ${name} | ${median(list).toFixed(1)} | ${quantile(list, 0.9).toFixed(1)} |`);
agent.destroy();
