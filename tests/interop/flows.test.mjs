// Flows of Node whose parents and children are run by either kind of worker.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {HOPELESS, onBothLines, RUNNABLE} from './lines.mjs';
import {DEADLINE, until} from '../support/until.mjs';

onBothLines('flows', at => {
  const ended = job => job.waitUntilFinished(at().events, DEADLINE);
  const stored = ({id}) => at().queue.getJob(id);

  // A parent here with children there: both queues are of this test alone.
  function family(children, parent = {}) {
    const {name} = at();
    return at().flow().add({name: 'parent', queueName: name, data: RUNNABLE, ...parent,
      children: children.map(({opts, data = RUNNABLE, queueName = `${name}-children`}) =>
        ({name: 'child', queueName, data, opts}))});
  }

  const forChildren = (env, ...args) => at().ours(env, ...args, '--queue', `${at().name}-children`);
  const NOOP = {BULLPEN_RUNNER: 'noop'};
  const NO_ENGINE = {DOCKER_HOST: 'unix:///nowhere.sock'};

  test('our worker ends the children, ours the parent: it waits for all of them', async () => {
    at().listen('waiting-children', 'waiting', 'active', 'completed');
    const {job, children} = await family([{}, {}, {}]);
    await at().noop();
    assert.equal(await job.getState(), 'waiting-children');
    await forChildren(NOOP);
    await ended(job);
    const values = await (await stored(job)).getChildrenValues();
    assert.equal(Object.keys(values).length, 3);
    assert.deepEqual(Object.keys(values).sort(),
      children.map(({job: child}) => `bull:${at().name}-children:${child.id}`).sort());
    await until(() => at().heard.length === 4);
    assert.deepEqual(at().heard.map(([name, {prev}]) => [name, prev]),
      [['waiting-children', undefined], ['waiting', 'waiting-children'], ['active', 'waiting'],
        ['completed', 'active']]);
  });

  test('children of our worker, a parent of Node\'s: it gets their values', async () => {
    const {job} = await family([{}, {}]);
    await forChildren(NOOP);
    at().node(async parent => Object.values(await parent.getChildrenValues()).map(({verdict}) => verdict));
    assert.deepEqual(await ended(job), ['ok', 'ok']);
  });

  test('children of Node\'s worker, a parent of ours', async () => {
    const {job} = await family([{}, {}]);
    at().node(async () => 'theirs', {}, `${at().name}-children`);
    await at().noop();
    await ended(job);
    assert.deepEqual(Object.values(await (await stored(job)).getChildrenValues()), ['theirs', 'theirs']);
  });

  test('parent and children in one queue, three deep, one worker of ours', async () => {
    const {name: queueName} = at();
    const {job} = await at().flow().add({name: 'top', queueName, data: {}, children: [
      {name: 'middle', queueName, data: {}, children: [{name: 'leaf', queueName, data: {}}]},
      {name: 'middle', queueName, data: {}, opts: {priority: 3}, children: [
        {name: 'leaf', queueName, data: {}, opts: {delay: 100}}]},
    ]});
    await at().noop('--concurrency', '1');
    await ended(job);
    assert.equal(await at().queue.getCompletedCount(), 5);
  });

  test('a parent with a priority and one with a delay, released as they should be', async () => {
    const first = await family([{}], {opts: {priority: 7}});
    const second = await family([{}], {opts: {delay: 60000}});
    await forChildren(NOOP);
    await until(async () => await first.job.getState() === 'prioritized');
    await until(async () => await second.job.getState() === 'delayed');
  });

  // Our worker fails the child for good: it can never run, or its attempts are used up.
  for (const [how, data, env, attempts] of [
    ['at once', HOPELESS, NO_ENGINE, undefined],
    ['after its attempts', RUNNABLE, NO_ENGINE, 2],
  ]) {
    test(`a child that fails ${how}, without a flag: the parent goes on waiting`, async () => {
      const {job, children: [{job: child}]} = await family([{data, opts: {attempts}}]);
      await forChildren(env);
      await until(async () => await child.getState() === 'failed');
      assert.equal(await job.getState(), 'waiting-children');
      assert.deepEqual(await job.getDependenciesCount(), {processed: 0, unprocessed: 1, ignored: 0, failed: 0});
    });

    test(`a child that fails ${how}, failParentOnFailure: our worker fails the parent`, async () => {
      const {job, children: [{job: child}]} =
        await family([{data, opts: {attempts, failParentOnFailure: true}}, {opts: {delay: 60000}}]);
      await at().noop();
      await forChildren(env);
      await assert.rejects(ended(job), new RegExp(`child bull:${at().name}-children:${child.id} failed`));
      assert.equal((await stored(job)).attemptsMade, 1);
    });

    test(`a child that fails ${how}, continueParentOnFailure: the parent runs at once`, async () => {
      const {job, children: [{job: child}]} =
        await family([{data, opts: {attempts, continueParentOnFailure: true}}]);
      await at().noop();
      await forChildren(env);
      await ended(job);
      const failures = await (await stored(job)).getIgnoredChildrenFailures();
      assert.deepEqual(Object.keys(failures), [`bull:${at().name}-children:${child.id}`]);
    });

    test(`a child that fails ${how}, ignoreDependencyOnFailure: the parent runs and knows why`, async () => {
      const {job, children: [{job: child}]} =
        await family([{data, opts: {attempts, ignoreDependencyOnFailure: true}}]);
      await at().noop();
      await forChildren(env);
      await ended(job);
      const failures = await (await stored(job)).getIgnoredChildrenFailures();
      assert.deepEqual(Object.keys(failures), [`bull:${at().name}-children:${child.id}`]);
    });

    test(`a child that fails ${how}, removeDependencyOnFailure: the parent runs as if it had none`, async () => {
      const {job} = await family([{data, opts: {attempts, removeDependencyOnFailure: true}}]);
      await at().noop();
      await forChildren(env);
      await ended(job);
      assert.deepEqual(await job.getDependenciesCount(), {processed: 0, unprocessed: 0, ignored: 0, failed: 0});
    });
  }

  test('a parent that runs before its other children have ended cannot complete: it fails, and says so', async () => {
    const {job} = await family([{data: HOPELESS, opts: {continueParentOnFailure: true}}, {opts: {delay: 60000}}],
      {opts: {attempts: 2}});
    await at().noop();
    await forChildren(NO_ENGINE);
    await assert.rejects(ended(job), /children that have not ended/);
    assert.equal((await stored(job)).attemptsMade, 2);
  });

  test('a failure goes up through two parents of ours', async () => {
    const {name: queueName} = at();
    const up = {failParentOnFailure: true};
    const {job} = await at().flow().add({name: 'top', queueName, data: HOPELESS, children: [
      {name: 'middle', queueName, data: HOPELESS, opts: up, children: [
        {name: 'leaf', queueName, data: HOPELESS, opts: up}]}]});
    await at().failing();
    await assert.rejects(ended(job), /child .* failed/);
    assert.equal(await at().queue.getFailedCount(), 3);
  });

  test('a child that Node retries and our worker then completes releases the parent', async () => {
    const {job, children: [{job: child}]} = await family([{data: HOPELESS}]);
    const failing = await forChildren(NO_ENGINE);
    await until(async () => await child.getState() === 'failed');
    await failing.stop();
    await at().noop();
    await forChildren(NOOP);
    await child.retry();
    await ended(job);
  });

  test('a parent of Node that adds children while it runs and waits: ours runs them', async () => {
    const {name, bullmq: {WaitingChildrenError}} = at();
    at().node(async (job, token) => {
      if (job.data.step === 2) return Object.values(await job.getChildrenValues()).length;
      for (let i = 0; i < 3; i++)
        await at().another(`${name}-children`).add('late', RUNNABLE, {parent: {id: job.id, queue: job.queueQualifiedName}});
      await job.updateData({step: 2});
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      return 'nothing to wait for';
    });
    const job = await at().queue.add('parent', {step: 1});
    await until(async () => await job.getState() === 'waiting-children');
    await forChildren(NOOP);
    assert.equal(await ended(job), 3);
  });

  test('a child removed by Node releases the parent to our worker', async () => {
    const {job, children: [{job: child}]} = await family([{}]);
    await at().noop();
    await child.remove();
    await ended(job);
  });
});
