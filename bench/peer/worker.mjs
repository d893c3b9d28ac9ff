// The other half: a BullMQ worker that runs each job in a container of dockerode's.
//
//   REDIS_SOCKET QUEUE CONCURRENCY DOCKER_SOCKET node worker.mjs        NOOP=1: run nothing

import {PassThrough} from 'node:stream';
import Docker from 'dockerode';
import {Worker} from 'bullmq';
import {languages} from './languages.mjs';

const OUTPUT_BYTES = 4096;
const docker = new Docker({socketPath: process.env.DOCKER_SOCKET});

// Keeps the first bytes, and reads on.
function collector(limit) {
  const stream = new PassThrough(), kept = [];
  let size = 0;
  stream.on('data', chunk => {
    if (size < limit) kept.push(chunk.subarray(0, limit - size));
    size += chunk.length;
  });
  return {stream, text: () => Buffer.concat(kept).toString('utf8')};
}

async function run({language, code, timeoutMs = 3000}) {
  const {image, command} = languages[language];
  const container = await docker.createContainer({
    Image: image, Cmd: command(code), User: '65534:65534', WorkingDir: '/tmp', Tty: false,
    AttachStdout: true, AttachStderr: true, NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none', ReadonlyRootfs: true, Memory: 128 << 20, MemorySwap: 128 << 20, NanoCpus: 1e9,
      PidsLimit: 50, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Tmpfs: {'/tmp': 'rw,size=64m'},
    },
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    container.kill().catch(() => {});
  }, timeoutMs);
  try {
    const stream = await container.attach({stream: true, stdout: true, stderr: true});
    const out = collector(OUTPUT_BYTES), err = collector(OUTPUT_BYTES);
    container.modem.demuxStream(stream, out.stream, err.stream);
    await container.start();
    const {StatusCode} = await container.wait();
    if (late) return {status: 'completed', exitCode: 124, output: out.text(), error: 'Time Limit Exceeded (program ran too long)'};
    const {State} = await container.inspect();
    if (State.OOMKilled) return {status: 'completed', exitCode: 137, output: out.text(), error: 'Memory Limit Exceeded (program used too much memory)'};
    const output = (out.text() + err.text()).replace(/\n+$/, '');
    return {status: 'completed', exitCode: StatusCode, output,
      ...(StatusCode && {error: err.text().trim().split('\n').at(-1) || `Runtime Error (exit code ${StatusCode})`})};
  } finally {
    clearTimeout(timer);
    await container.remove({force: true});
  }
}

const noop = async () => ({status: 'completed', exitCode: 0, output: ''});
const worker = new Worker(process.env.QUEUE ?? 'jobs', process.env.NOOP ? noop : async job => run(job.data), {
  connection: {path: process.env.REDIS_SOCKET, maxRetriesPerRequest: null},
  concurrency: Number(process.env.CONCURRENCY ?? 2),
});
worker.on('error', error => console.error(error.message));
await worker.waitUntilReady();
console.log('ready');
process.on('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
