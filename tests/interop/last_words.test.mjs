// What a sandbox said before it was lost is in the worker's log, and where it cost a job, in the
// job's reason: interpreters that cannot be started ahead, and a job that does not fit.

import assert from 'node:assert/strict';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {after, before, describe, test} from 'node:test';
import {Client} from './client.mjs';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';
import {until} from '../support/until.mjs';

const registry = fileURLToPath(new URL('../../lang-registry', import.meta.url));
const images = /^versions:\n.*\n^standin:.*\n/m.exec(readFileSync(join(registry, 'languages/bash.yaml'), 'utf8'))[0];

// In an image that has Bash, busybox and nothing else.
const languages = {
  missing: {argv: '[python3, main.sh]', said: /python3: not found/, ends: ['runtime_error', 127]},
  option: {argv: '[bash, --nonesuch, main.sh]', said: /--nonesuch: invalid option/, ends: ['runtime_error', 2]},
  version: {argv: '[bash, --version, main.sh]', said: /it said 'GNU bash/, ends: ['ok', 0]},
};

const yaml = (id, argv, tmpfs = 8) => `id: ${id}
name: ${id}
${images}source: {file: main.sh}
run:
  argv: ${argv}
  tmpfs: {sizeMb: ${tmpfs}}
pool: {size: 1, preload: true}
`;

describe('a sandbox that is lost before it is ready', {timeout: 120000}, () => {
  let folder, redis, client, worker;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bullpen-last-words-'));
    mkdirSync(join(folder, 'languages'));
    writeFileSync(join(folder, 'defaults.yaml'), readFileSync(join(registry, 'defaults.yaml')));
    for (const [id, {argv}] of Object.entries(languages))
      writeFileSync(join(folder, 'languages', `${id}.yaml`), yaml(id, argv));
    writeFileSync(join(folder, 'languages', 'small.yaml'), yaml('small', '[bash, main.sh]', 1));
    redis = await startRedis();
    worker = await startWorker(redis.socket, engine(), '--queue', 'words', '--languages', join(folder, 'languages'));
    client = await Client.open(redis.socket, 'words');
  });
  after(async () => {
    await client?.close();
    await stopAll();
    await redis?.stop();
    rmSync(folder, {recursive: true});
  });

  for (const [language, {said, ends}] of Object.entries(languages)) {
    test(`is made ahead no more for a while, and the log says why: ${language}`, async () => {
      const line = await until(() => worker.log.split('\n').find(text => /event=pool /.test(text) && said.test(text)));
      assert.match(line, /level=warn .* image=\S*bash\S* .*: its stream ended before it was ready; it said '/);
    });
    test(`is not missed by a job: ${language}`, async () => {
      const {verdict, exitCode} = await client.run({language, code: 'echo done'});
      assert.deepEqual([verdict, exitCode], ends);
    });
  }

  test('or before its program begins costs the job, whose reason says why', async () => {
    const files = [{name: 'large', content: 'x'.repeat(1024 * 1024 - 100)}];
    const {failedReason} = await client.run({language: 'small', code: 'echo done', files});
    assert.match(failedReason, /^sandbox_start: image \S*bash\S*: .* could not unpack the job; it said '.*tar: .*'$/);
  });
});
