// What each command tells, and where it trims the stream: with a length of 0 the last trimming
// leaves what was told after it.

import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {exists, q, redis} from './commands.mjs';

const {deepEqual} = assert;
const NOW = 5000;

// Steps that lead to where a command is given.
const runs = async (opts, more) => {
  await q.add(opts, more);
  await q.fetch();
};
const runsBeside = async (...others) => {
  await runs();
  for (const opts of others) await q.add(opts);
};
const child = async (flags, parentOpts) => {
  await q.add(parentOpts, {id: 'p', isParent: true});
  await q.add({}, {parent: {key: q.key('p'), flags}});
};
const childRuns = async (...args) => {
  await child(...args);
  await q.fetch();
};
const stalls = async () => {
  await q.add();
  await q.fetch({token: '0'});
  await q.checkStalled();
  await redis.del(q.key('stalled-check'));
};
const fails = async () => {
  await runs();
  await q.fail('1');
};
const de = more => ({de: {id: 'd', ...more}});
const sayNothing = async () => {};

// [what, how it comes to it, what is asked, what is told, what is left with a length of 0]
const TOLD = [
  ['addStandardJob', sayNothing, () => q.add(), 'added waiting', ''],
  ['addDelayedJob', sayNothing, () => q.add({delay: 5}), 'added delayed', ''],
  ['addPrioritizedJob', sayNothing, () => q.add({priority: 5}), 'added waiting', ''],
  ['addParentJob', sayNothing, () => q.add({}, {isParent: true}), 'added waiting-children', ''],
  ['a known id', () => q.add({}, {id: 'a'}), () => q.add({}, {id: 'a'}), 'duplicated', ''],
  ['a duplicate', () => q.add(de()), () => q.add(de()), 'deduplicated', ''],
  ['one that replaces', () => q.add({delay: 5, ...de()}), () => q.add({delay: 5, ...de({replace: true})}),
    'removed deduplicated added delayed', ''],
  ['one that is kept', () => runs(de()), () => q.add(de({keepLastIfActive: true})), 'deduplicated', ''],
  ['moveToActive', () => q.add(), () => q.fetch(), 'active', 'old active'],
  ['moveToActive that promotes', () => q.add({delay: 5}), () => q.fetch(), 'waiting active', 'old waiting active'],
  ['moveToFinished', runs, () => q.finish('1'), 'completed drained', 'completed drained'],
  ['moveToFinished of a failure', runs, () => q.fail('1'), 'failed retries-exhausted drained',
    'failed retries-exhausted drained'],
  ['moveToFinished, and the next', () => runsBeside({}, {delay: 5}), () => q.finish('1', {next: true}),
    'completed waiting active', 'completed waiting active'],
  ['the last child\'s end', childRuns, () => q.finish('2'), 'waiting completed', 'waiting completed'],
  ['that of a delayed parent\'s', () => childRuns({}, {delay: 5}), () => q.finish('2'), 'delayed completed drained',
    'delayed completed drained'],
  ['a failure that fails the parent', () => childRuns({fpof: true}), () => q.fail('2'),
    'waiting failed retries-exhausted', 'waiting failed retries-exhausted'],
  ['the end before a kept duplicate', async () => {
    await runs(de());
    await q.add(de({keepLastIfActive: true}));
  }, () => q.finish('1'), 'added waiting completed', 'completed'],
  ['retryJob', runs, () => q.retry('1'), 'waiting', ''],
  ['retryJob by priority', () => runs({priority: 2}), () => q.retry('1'), 'waiting', ''],
  ['retryJob that promotes', () => runsBeside({delay: 5}), () => q.retry('1'), 'waiting waiting', ''],
  ['moveToDelayed', runs, () => q.delay('1', 5), 'delayed', ''],
  ['moveToDelayed, and the next', () => runsBeside({}), () => q.delay('1', 5, {next: {token: 't'}}),
    'delayed active', 'active'],
  ['moveJobFromActiveToWait', runs, () => q.back('1'), 'waiting', ''],
  ['moveJobFromActiveToWait by priority', () => runs({priority: 2}), () => q.back('1'), 'waiting', ''],
  ['moveToWaitingChildren', async () => {
    await runs();
    await q.add({}, {parent: {key: q.key('1')}});
  }, () => q.waitForChildren('1'), 'waiting-children', 'old waiting-children'],
  ['moveStalledJobsToWait', sayNothing, () => q.checkStalled(), '', ''],
  ['moveStalledJobsToWait of one', stalls, () => q.checkStalled(), 'waiting stalled', 'waiting stalled'],
  ['updateProgress', () => q.add(), () => q.progress('1', '1'), 'progress', ''],
  ['pause', sayNothing, () => q.pause(), 'paused', 'old paused'],
  ['pause that resumes', sayNothing, () => q.resume(), 'resumed', 'old resumed'],
  ['promote', () => q.add({delay: 5}), () => q.promote('1'), 'waiting', 'old waiting'],
  ['changeDelay', () => q.add({delay: 5}), () => q.changeDelay('1', 9), 'delayed', ''],
  ['changePriority', () => q.add(), () => q.changePriority('1', 9), '', 'old'],
  ['reprocessJob', fails, () => q.reprocess('1', 'failed'), 'waiting', ''],
  ['moveJobsToWait', fails, () => q.moveToWait('failed'), 'waiting', ''],
  ['removeJob', () => q.add(), () => q.remove('1'), 'removed', ''],
  ['removeJob of a child', child, () => q.remove('2'), 'waiting removed', ''],
  ['removeJob of none', sayNothing, () => q.remove('1'), '', 'old'],
  ['removeChildDependency', child, () => q.removeChildDependency('2', q.key('p')), 'waiting', 'old waiting'],
  ['removeUnprocessedChildren', child, () => q.removeUnprocessedChildren('p'), 'waiting removed', ''],
  ['cleanJobsInSet', () => q.add(), () => q.clean('wait', 9000), 'cleaned', 'old cleaned'],
  ['drain', () => q.add(), () => q.drain(true), '', 'old'],
  ['addJobScheduler', sayNothing, () => q.upsert('s', {every: 1000}, {at: NOW}), 'added waiting', ''],
  ['addJobScheduler later', sayNothing, () => q.upsert('s', {every: 1000, startDate: 9000}, {at: NOW}),
    'added delayed', ''],
  ['updateJobScheduler', () => q.upsert('s', {every: 1000}, {at: NOW}), () => q.iterate('s', `repeat:s:${NOW}`,
    {at: NOW}),
    'added delayed', ''],
  ['removeJobScheduler', () => q.upsert('s', {every: 1000, startDate: 9000}, {at: NOW}), () => q.removeScheduler('s'),
    'removed', 'old removed'],
];

async function told(arrive, ask, length) {
  await arrive();
  await q.forgetEvents();
  if (length) {
    await redis.hset(q.key('meta'), 'opts.maxLenEvents', length);
    await redis.xadd(q.key('events'), '*', 'event', 'old');
  } else {
    await redis.hdel(q.key('meta'), 'opts.maxLenEvents');
  }
  await ask();
  return (await q.events()).map(event => event.split(' ')[0]).join(' ');
}

describe('events', () => {
  for (const [name, arrive, ask, all, left] of TOLD) {
    test(`${name}: ${all || 'nothing'}`, async () => {
      deepEqual(await told(arrive, ask), all);
      // Who trims has meta say to what length, too.
      const trims = !left.startsWith('old');
      deepEqual(await redis.hget(q.key('meta'), 'opts.maxLenEvents'), trims ? '10000' : null);
      await redis.flushall();
      deepEqual(await told(arrive, ask, '0'), left);
      deepEqual(await exists('meta'), 1);
    });
  }

  for (const [length, left] of [['1', 1], ['7', 7], ['007', 7], ['x', 24], ['1.5', 1], ['', 24]]) {
    test(`a length of ${length || 'nothing'} leaves the last ${left}`, async () => {
      await redis.config('SET', 'stream-node-max-entries', '1');
      await redis.hset(q.key('meta'), 'opts.maxLenEvents', length);
      for (let i = 0; i < 12; i++) await q.add();
      deepEqual((await q.events()).length, left);
      await redis.config('SET', 'stream-node-max-entries', '100');
    });
  }
});
