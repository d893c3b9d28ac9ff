// A private redis-server for one test file: unix socket and data in a temporary folder.

import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {spawnWithUs} from './spawn.mjs';

// Gives {socket, pid, stop, restart}. Ready when it has said so; a server that cannot start fails the
// test with what it printed. Restarted it has what it kept on disk, as the options say.
export async function startRedis(...options) {
  const folder = await mkdtemp(join(tmpdir(), 'bullpen-redis-'));
  const socket = join(folder, 'redis.sock');
  const launch = () => launchRedis('--port', '0', '--unixsocket', socket, '--dir', folder,
    '--save', '', '--appendonly', 'no', ...options);
  let server = await launch();

  return {
    socket,
    get pid() { return server.pid; },
    async restart(signal) {
      await server.end(signal);
      server = await launch();
    },
    async stop() {
      await server.end('SIGTERM');
      await rm(folder, {recursive: true});
    },
  };
}

// Gives {pid, end}; the latter ends it by a signal.
async function launchRedis(...args) {
  const server = spawnWithUs('redis-server', args, {stdio: ['ignore', 'pipe', 'inherit']});
  const exited = once(server, 'exit');

  let said = '';
  for await (const text of server.stdout.setEncoding('utf8').iterator({destroyOnReturn: false})) {
    said += text;
    if (/ready to accept connections at/i.test(said)) break;
  }
  server.stdout.resume();
  if (server.exitCode !== null) throw new Error(`redis-server did not start:\n${said}`);

  return {
    pid: server.pid,
    async end(signal) {
      server.kill(signal);
      await exited;
    },
  };
}
