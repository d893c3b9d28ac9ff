// An interpreter that was up before its job is, to the job's program, what a fresh one is: each of
// a table of programs is run in both ways and has the same result, to the byte.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, before, describe, test} from 'node:test';
import {Client} from './client.mjs';
import probes, {fed, variants} from './preload_probes.mjs';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const mains = {python: 'main.py', javascript: 'main.js', bash: 'main.sh'};

// Whether it is older than what its sandbox was fed.
const wasUp = {
  python: `import os, time
age = float(open('/proc/uptime').read().split()[0]) - int(open('/proc/self/stat').read().split()[21]) / 100
print(age > time.time() - os.stat('.run').st_ctime + 0.02)`,
  javascript: `const fs = require('fs');
const age = fs.readFileSync('/proc/uptime', 'utf8').split(' ')[0] - fs.readFileSync('/proc/self/stat', 'utf8').split(' ')[21] / 100;
console.log(age > (Date.now() - fs.statSync('.run').ctimeMs) / 1000 + 0.02 ? 'True' : 'False')`,
  // That one cannot be told by its age, but by where its script is.
  bash: '[[ $(readlink /proc/$$/fd/255) == *deleted* ]] && echo True || echo False',
};

// Names of containers, addresses and numbers of threads.
const chance = /\b[0-9a-f]{12}\b|0x[0-9a-f]+|\b\d{15}\b/g;

describe('an interpreter that was up before its job', {timeout: 600000}, () => {
  let docker, redis;
  const ways = {};

  const ask = (...args) => execFileSync('docker', args,
    {env: {...process.env, ...docker}, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']});

  // Those in which a program of that name is waited for.
  const ready = main => ask('ps', '-q', '--filter', 'label=bullpen.queue=bull:ahead').split('\n').filter(Boolean)
    .filter(id => {
      try {
        const top = ask('top', id);
        return / tar xf -\n/.test(top) && top.includes(`${main}\n`);
      } catch {
        return false; // gone meanwhile
      }
    });
  const untilReady = language => until(() => ready(mains[language])[0]);

  before(async () => {
    docker = engine();
    redis = await startRedis();
    for (const [name, warm] of [['ahead', '1'], ['fresh', '0']]) {
      await startWorker(redis.socket, {...docker, BULLPEN_WARM: warm}, '--queue', name, '--concurrency', '1');
      ways[name] = await Client.open(redis.socket, name);
    }
  });
  after(async () => {
    for (const client of Object.values(ways)) await client.close();
    await stopAll();
    await redis?.stop();
  });

  async function both(job) {
    const seen = {};
    for (const [name, client] of Object.entries(ways)) {
      if (name === 'ahead') await untilReady(job.language);
      const {durationMs, setupMs, queueMs, cpuMs, memoryBytes, worker, ...rest} = await client.run(job);
      seen[name] = JSON.parse(JSON.stringify(rest).replace(chance, '?'));
    }
    return seen;
  }

  for (const [language, programs] of Object.entries(probes)) {
    test(language, async t => {
      await ways.ahead.run({language, code: wasUp[language]}); // the first, which says what is wanted
      await t.test('is up, or is not', async () => {
        const {ahead, fresh} = await both({language, code: wasUp[language]});
        assert.deepEqual([ahead.stdout, fresh.stdout], ['True\n', 'False\n']);
      });
      for (const [name, code] of Object.entries(programs))
        for (const more of fed.test(name) ? variants : [{}])
          await t.test(`${name}, with ${Object.keys(more)[0] ?? 'nothing'}`, async () => {
            const {ahead, fresh} = await both({language, code, timeoutMs: 15000, limits: {outputBytes: 65536}, ...more});
            assert.deepEqual(ahead, fresh);
          });
    });
  }

  test('one that dies while it waits is replaced with its sandbox', async () => {
    await ways.ahead.run({language: 'python', code: wasUp.python});
    const first = await untilReady('python');
    ask('exec', first, 'sh', '-c', 'kill -9 $(pidof python3)');
    const next = await until(() => ready(mains.python).find(id => id !== first));
    assert.ok(next);
    assert.equal((await ways.ahead.run({language: 'python', code: wasUp.python})).stdout, 'True\n');
  });
});
