// Bull Board in a browser, over a queue that our producer and our worker use: what it shows of
// our jobs, and what its buttons do to them.

import {after, before, test} from 'node:test';
import {Board} from './board.mjs';
import {onBothLines, RUNNABLE} from './lines.mjs';
import {until} from '../support/until.mjs';

const PROGRAM = {language: 'python', code: 'print("seen on the board")'};
let board;

before(async () => { board = await Board.open(); });
after(() => board.close());

onBothLines('Bull Board', (at, line) => {
  // When it fails, build/ has a picture of what was to be seen.
  const onBoard = (name, body) => test(name, async () => {
    board.show(at().queue);
    try {
      await body();
    } catch (error) {
      await board.picture(`${line}-${name.replace(/\W+/g, '-')}`);
      throw error;
    }
  });

  const completes = id => until(async () =>
    await (await at().queue.getJob(id)).getState() === 'completed');

  onBoard('its tabs count the jobs we were given and have run, and it knows if a worker is there', async () => {
    const producer = await at().producer();
    await producer.post(PROGRAM);
    await producer.post(PROGRAM);
    await producer.post({...PROGRAM, priority: 5});
    await at().queue.add('late', RUNNABLE, {delay: 600000});
    await board.counts({WAITING: 2, PRIORITIZED: 1, DELAYED: 1});
    await board.sees(/\nNo workers\n/);
    await at().noop('--name', 'seen-here');
    await board.counts({COMPLETED: 3, DELAYED: 1});
    await board.queueInfo();
    await board.sees(/\nWorkers\n+1\n/);
  });

  onBoard('a job that we ran has its data, options, result and worker', async () => {
    const producer = await at().producer();
    const {jobId} = await producer.post(PROGRAM);
    await at().noop('--name', 'ran-it');
    await completes(jobId);
    await board.visitJob(jobId);
    await board.sees(/\nby ran-it\n/);
    await board.turnTo('Data');
    await board.sees(/jobData:\{\s+language:"python",\s+code:"print\("seen on the board"\)"\s+\}/);
    await board.sees(/returnValue:\{\s+status:"completed",\s+verdict:"ok"/);
    await board.turnTo('Options');
    await board.sees(/attempts:3/);
    await board.sees(/type:"exponential"/);
  });

  onBoard('a job that failed has its reason, its stack trace and its log', async () => {
    const job = await at().queue.add('execute', RUNNABLE, {attempts: 2});
    const worker = await at().failing('--name', 'lost-it');
    await board.counts({FAILED: 1});
    await worker.stop();
    await job.log('a line of Node');
    await board.visit('failed');
    await board.sees(/\nFailed at\n[^]*nowhere\.sock/);
    await board.visitJob(job.id);
    await board.turnTo('Error');
    await board.sees(/(nowhere\.sock[^]*){2}/); // an attempt, a text
    await board.turnTo('Logs');
    await board.sees(/attempt 1 of 2 by lost-it.*\n+attempt 2 of 2 by lost-it.*\n+a line of Node/);
  });

  onBoard('retry runs a failed job of ours once more', async () => {
    const job = await at().queue.add('execute', RUNNABLE);
    const worker = await at().failing();
    await board.counts({FAILED: 1});
    await worker.stop();
    await at().noop();
    await board.visitJob(job.id);
    await board.press('retry');
    await completes(job.id);
    await board.counts({COMPLETED: 1});
  });

  onBoard('promote runs a delayed job at once', async () => {
    const job = await at().queue.add('late', RUNNABLE, {delay: 600000});
    await at().noop();
    await board.visitJob(job.id);
    await board.press('promote');
    await completes(job.id);
    await board.counts({COMPLETED: 1});
  });

  onBoard('pause keeps our worker from jobs until resume', async () => {
    const producer = await at().producer();
    await at().noop('--drain-delay', '50');
    await board.visit();
    await board.choose('Pause');
    const {jobId} = await producer.post(PROGRAM);
    const looked = async () => Number(/cmdstat_bzpopmin:calls=(\d+)/
      .exec(await at().redis.info('commandstats'))?.[1] ?? 0);
    const before = await looked();
    await until(async () => await looked() > before + 3);
    await board.counts(line === 'bullmq5' ? {PAUSED: 1} : {WAITING: 1});
    await board.sees(/\[ Paused \]/);
    await board.choose('Resume');
    await completes(jobId);
    await board.counts({COMPLETED: 1});
  });
});
