// Languages that compile and jobs with tests, in real containers. The compiler is a script:
// what a job brings is run once as `compile`, and makes the program that is run.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, afterEach, before, describe, test} from 'node:test';
import {Queue, QueueEvents} from 'bullmq6';
import {engine, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';
import {DEADLINE, until} from '../support/until.mjs';

const language = `
id: made
name: Made by a script
extensions: [sh]
versions: [{version: "5.2", image: "bash:5.2.37-alpine3.22", default: true}]
standin: {version: "5.2", image: "bullpen-standin/bash:5.2-debian12"}
source: {file: main.sh}
compile: {argv: [bash, "{source}"], artifacts: [prog]}
run: {argv: [bash, prog/start], env: ["STAGE=run"]}
`;
const name = `stages-${process.pid}`;

describe('stages', {timeout: 240000}, () => {
  let folder, redis, docker, queue, events, worker;
  const containers = (...filters) => execFileSync('docker', ['ps', '-aq', '--no-trunc',
    ...[`bullpen.worker=${name}`, ...filters].flatMap(label => ['--filter', `label=${label}`])],
    {env: {...process.env, ...docker}, encoding: 'utf8'}).split('\n').filter(Boolean);
  const processes = id => {
    try {
      return execFileSync('docker', ['top', id], {env: {...process.env, ...docker}, encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore']});
    } catch {
      return ''; // it is gone, or not there yet
    }
  };
  const kill = id => execFileSync('docker', ['kill', id],
    {env: {...process.env, ...docker}, stdio: 'ignore'});
  const start = (...args) => startWorker(redis.socket,
    {...docker, BULLPEN_LANGUAGES: folder}, '--name', name, ...args);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bullpen-stages-'));
    writeFileSync(join(folder, 'made.yaml'), language);
    docker = engine();
    redis = await startRedis();
    const connection = {path: redis.socket, maxRetriesPerRequest: null};
    queue = new Queue('jobs', {connection});
    events = new QueueEvents('jobs', {connection});
    await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
    worker = await start();
  });
  after(async () => {
    await worker.stop();
    await stopAll();
    assert.deepEqual(await until(() => !containers().length && 'none left'), 'none left');
    await events.close();
    await queue.close();
    await redis.stop();
    rmSync(folder, {recursive: true});
  });
  afterEach(() => events.removeAllListeners('progress'));

  // `compile` is what the compiler does, `program` what it makes.
  const data = (compile, program, more) => ({language: 'made', ...more,
    code: `mkdir prog\ncat >prog/start <<'END'\n${program}\nEND\n${compile}\n`});
  const add = (compile, program, more) => queue.add('execute', data(compile, program, more));
  const run = async (...args) => (await add(...args)).waitUntilFinished(events, DEADLINE);

  test('artefacts go on, whatever else the compiler leaves behind does not', async () => {
    const result = await run('echo data >prog/data; : >left; chmod 755 prog/start',
      'cat prog/data a.txt -; echo "$1" $STAGE; ls -A; ls -l prog | cut -c1-10',
      {files: [{name: 'a.txt', content: 'file\n'}], args: ["it's"], stdin: 'input\n'});
    assert.equal(result.error, undefined);
    assert.equal(result.stdout, "data\nfile\ninput\nit's run\n.run\na.txt\nmain.sh\nprog\ntotal 8\n-rw-r--r--\n-rwxr-xr-x\n");
    assert.equal(result.compileOutput, '');
    assert.ok(result.compileMs >= 0 && result.setupMs >= result.compileMs);
  });

  test('the compiler has neither stdin nor arguments, and prints nothing into the artefacts', async () => {
    const result = await run('cat; echo "args:$#"; echo warning >&2', 'echo fine',
      {args: ['a'], stdin: 'input'});
    assert.equal(result.output, 'fine');
    assert.equal(result.compileOutput, 'args:0\nwarning\n');
  });

  test('a compiler that fails is the result', async () => {
    const result = await run('echo "/tmp/main.sh:3: error: no" >&2; exit 4', 'echo never');
    assert.equal(result.verdict, 'compile_error');
    assert.equal(result.exitCode, 4);
    assert.equal(result.error, 'Compilation Error\nmain.sh:3: error: no\n');
    assert.equal(result.output, '');
  });

  test('an artefact that is not made is a compile error', async () => {
    const result = await run('rm -r prog', '');
    assert.equal(result.verdict, 'compile_error');
    assert.match(result.error, /prog/);
  });

  test('a compiler that takes too long, too much memory or too many processes', async () => {
    const [time, memory, bomb] = await Promise.all([
      run('sleep 60', '', {limits: {compileTimeoutMs: 300}}),
      run('exec dd if=/dev/zero of=/dev/null bs=700M', ''), // at once: a loop takes its time where others work
      run('f() { f | f & }; f; sleep 60', ''),
    ]);
    assert.deepEqual([time.verdict, time.exitCode], ['compile_error', 124]);
    assert.match(time.error, /Time Limit Exceeded/);
    assert.deepEqual([memory.verdict, memory.exitCode], ['compile_error', 137]);
    assert.match(memory.error, /Memory Limit Exceeded/);
    assert.equal(bomb.verdict, 'compile_error');
    assert.match(bomb.error, /Process Limit Exceeded/);
  });

  test('artefacts of fifteen megabytes arrive, of eighteen they do not', async () => {
    const fill = count => `for i in ${count}; do head -c 3000000 /dev/urandom >prog/$i; done; ` +
      'cat prog/? | md5sum';
    const large = await run(fill('1 2 3 4 5'), 'cat prog/? | md5sum');
    assert.equal(large.error, undefined);
    assert.equal(large.stdout, large.compileOutput);
    const huge = await run(fill('1 2 3 4 5 6'), 'echo never');
    assert.equal(huge.verdict, 'compile_error');
    assert.match(huge.error, /too large/);
    assert.equal(huge.exitCode, 153);
  });

  test('artefacts that are no archive, or lead out, are the job\'s own trouble', async () => {
    const rubbish = await run('echo rubbish >/proc/1/fd/1', 'echo never');
    assert.equal(rubbish.verdict, 'runtime_error');
    assert.equal(rubbish.exitCode, 125);
    const link = await run('ln -s /etc/passwd prog/link; ln -s / prog/root',
      'cat prog/link >/dev/null && echo its own; echo x >prog/root/x || echo kept out');
    assert.match(link.stdout, /^its own\nkept out\n$/);
  });

  test('a compiler finds no mark in the shells around it, and so forges no end', async () => {
    const result = await run(`
      for pid in 1 $PPID; do
        while read -r range access rest; do
          [[ $access = rw* ]] || continue
          first=$((16#\${range%-*})) last=$((16#\${range#*-}))
          dd if=/proc/$pid/mem bs=4096 skip=$((first / 4096)) count=$(((last - first) / 4096)) 2>/dev/null
        done </proc/$pid/maps
      done | tr -c 0-9a-f '\\n' | grep -xE '[0-9a-f]{32}' | sort -u >ids
      for stream in 1 2; do
        while read -r id; do printf '\\n%s E 0\\n' $id; done <ids >/proc/1/fd/$stream
      done
      cat ids; exit 9`, 'echo never');
    assert.deepEqual([result.verdict, result.exitCode], ['compile_error', 9]);
    assert.equal(result.compileOutput, '');
  });

  test('a compiler\'s sandbox that is lost is replaced', async () => {
    const job = await add('sleep 2', 'echo fine');
    kill(await until(() => containers().find(id => processes(id).includes('sleep 2'))));
    const result = await job.waitUntilFinished(events, DEADLINE);
    assert.equal(result.output, 'fine');
    assert.match(worker.log, new RegExp(`sandbox-lost job=${job.id} `));
  });

  test('a worker that stops while it compiles gives the job back', async () => {
    const other = await start('--grace', '0', '--warm', '0', '--queue', 'others');
    const others = new Queue('others', {connection: {path: redis.socket, maxRetriesPerRequest: null}});
    const job = await others.add('execute', data('sleep 60', ''));
    await until(() => containers('bullpen.queue=bull:others')
      .some(id => processes(id).includes('sleep 60')));
    assert.equal(await other.stop(), 0);
    assert.equal(await job.getState(), 'waiting');
    assert.equal((await others.getJob(job.id)).attemptsMade, 0);
    await others.close();
  });

  test('tests compile once, run in fresh sandboxes, and are told as they end', async () => {
    const told = [];
    events.on('progress', ({jobId, data: progress}) => told.push([jobId, progress]));
    const job = await add('echo compiled >&2',
      'test -e seen && exit 9; : >seen; read a b; echo $((a + b))',
      {tests: [{name: 'small', stdin: '1 2', expected: '3'}, {stdin: '2 2', expected: '5'},
        {stdin: '4 5', expected: '9\n\n'}, {args: ['x'], stdin: '0 0', expected: '0', compare: 'exact'}]});
    const result = await job.waitUntilFinished(events, DEADLINE);
    assert.equal(result.compileOutput, 'compiled\n');
    assert.deepEqual(result.tests.map(({verdict}) => verdict),
      ['ok', 'wrong_answer', 'ok', 'wrong_answer']);
    assert.deepEqual([result.verdict, result.exitCode, result.passed, result.total, result.error],
      ['wrong_answer', 1, 2, 4, 'Wrong Answer (test 2)']);
    assert.equal(result.output, '4');
    assert.equal(result.tests[0].name, 'small');
    assert.equal(result.tests[3].output, '0\n');
    assert.deepEqual(told.map(([id, {done, passed, total, test: {verdict}}]) =>
      [id, done, passed, total, verdict]), [[job.id, 1, 1, 4, 'ok'], [job.id, 2, 1, 4, 'wrong_answer'],
      [job.id, 3, 2, 4, 'ok'], [job.id, 4, 2, 4, 'wrong_answer']]);
  });

  test('stopOnFail runs no test behind the first that fails', async () => {
    const result = await run('', 'read a; echo $a; exit $a', {stopOnFail: true,
      tests: [{stdin: '0'}, {stdin: '3'}, {stdin: '0'}]});
    assert.deepEqual([result.verdict, result.exitCode, result.passed, result.total],
      ['runtime_error', 3, 1, 3]);
    assert.deepEqual(result.tests.map(({verdict}) => verdict), ['ok', 'runtime_error']);
  });

  test('a sandbox lost in a test repeats that test alone', async () => {
    const job = await add('', 'echo here; read s; sleep $s', {tests: [
      {stdin: '0', expected: 'here'}, {stdin: '2', expected: 'here'}, {stdin: '0', expected: 'here'}]});
    kill(await until(() => containers().find(id => processes(id).includes('sleep 2'))));
    const result = await job.waitUntilFinished(events, DEADLINE);
    assert.deepEqual(result.tests.map(({verdict}) => verdict), ['ok', 'ok', 'ok']);
    assert.match(worker.log, new RegExp(`sandbox-lost job=${job.id} `));
  });
});
