// The verbs of a queue for a test, by our C (tests/interop/driver.c) or BullMQ's classes.
//
// Both kinds of client have the same ones. A job that was fetched is known by its token.

import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {build} from '../support/programs.mjs';
import {spawnWithUs} from '../support/spawn.mjs';

// A process that takes one request at a time.
export class Driver {
  constructor(socket, queue) {
    this.child = spawnWithUs(`${build}/tests/driver`, [socket, 'bull', queue],
      {stdio: ['pipe', 'pipe', 'inherit']});
    this.lines = createInterface({input: this.child.stdout})[Symbol.asyncIterator]();
  }

  async ask(...request) {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const {value, done} = await this.lines.next();
    if (done) throw new Error(`the driver died of ${JSON.stringify(request)}`);
    return JSON.parse(value);
  }

  async close() {
    const exited = once(this.child, 'exit');
    this.child.stdin.end();
    assert.deepEqual(await exited, [0, null]);
  }
}

export class CClient {
  constructor(driver) {
    this.driver = driver;
  }

  async ask(...request) {
    const answer = await this.driver.ask(...request);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  add(opts) { return this.ask('add', opts); }
  async fetch(token) { return (await this.ask('fetch', token)).job; }
  async complete(token, next) { return (await this.ask('complete', token, next)).job; }
  async fail(token, next) { return (await this.ask('fail', token, next)).job; }
  async retry(token, delay, next) { return (await this.ask('retry', token, delay, next)).job; }
  release(token) { return this.ask('release', token); }
  extend(token) { return this.ask('extend', token); }
  recover() { return this.ask('recover', 1, 100); }
  pause(paused) { return this.ask('pause', paused); }
  promote(id) { return this.ask('promote', id); }
  promoteAll() { return this.ask('promoteAll'); }
  reprocess(id, failed) { return this.ask('reprocess', id, failed); }
  retryFailed() { return this.ask('retryFailed', 3); }
  remove(id) { return this.ask('remove', id); }
  clean(state, limit) { return this.ask('clean', state === 'wait' ? 'waiting' : state, limit); }
  drain(delayed) { return this.ask('drain', delayed); }
  concurrency(most) { return this.ask('concurrency', most); }
}

export class NodeClient {
  // BullMQ 5 removes a child that failed once even from under the worker who runs it again.
  constructor(line, {Queue, Worker, FlowProducer, UnrecoverableError}, name, connection) {
    Object.assign(this, {name, UnrecoverableError, removesChildren: line !== 'bullmq5'});
    this.queue = new Queue(name, {connection});
    this.worker = new Worker(name, null, {connection, autorun: false, lockDuration: 600000, stalledInterval: 1});
    this.flows = new FlowProducer({connection});
    this.held = new Map();
  }

  add(opts) { return this.queue.add('n', {}, opts); }

  family(children) {
    const {name: queueName} = this;
    return this.flows.add({name: 'parent', queueName, children: children.map(opts => ({name: 'child', queueName, opts}))});
  }

  async fetch(token) {
    const job = await this.worker.getNextJob(token, {block: false});
    if (job) this.held.set(token, job);
    return job?.id;
  }

  async #end(token, how) {
    const job = this.held.get(token);
    this.held.delete(token);
    await how(job);
  }

  complete(token) { return this.#end(token, job => job.moveToCompleted('v', token, false)); }

  fail(token) {
    return this.#end(token, job => job.moveToFailed(new this.UnrecoverableError('why'), token, false));
  }

  retry(token, delay) {
    return this.#end(token, job => {
      job.opts.attempts = 1e6;
      job.opts.backoff = {type: 'fixed', delay};
      return job.moveToFailed(new Error('again'), token, false);
    });
  }

  release(token) { return this.#end(token, job => job.moveToWait(token)); }
  async extend(token) { return this.held.get(token).extendLock(token, 600000); }
  recover() { return this.worker.moveStalledJobsToWait(); }
  pause(paused) { return paused ? this.queue.pause() : this.queue.resume(); }
  async promote(id) { return (await this.#job(id)).promote(); }
  promoteAll() { return this.queue.promoteJobs(); }
  async reprocess(id, failed) { return (await this.#job(id)).retry(failed ? 'failed' : 'completed'); }
  retryFailed() { return this.queue.retryJobs({count: 3}); }
  remove(id) { return this.queue.remove(id, {removeChildren: this.removesChildren}); }
  clean(state, limit) { return this.queue.clean(0, limit, state); }
  drain(delayed) { return this.queue.drain(delayed); }
  async changeDelay(id, delay) { return (await this.#job(id)).changeDelay(delay); }
  async changePriority(id, opts) { return (await this.#job(id)).changePriority(opts); }
  async progress(id) { return (await this.#job(id)).updateProgress(7); }
  async log(id) { return (await this.#job(id)).log('line', 2); }

  concurrency(most) {
    return most ? this.queue.setGlobalConcurrency(most) : this.queue.removeGlobalConcurrency();
  }

  async #job(id) {
    const job = await this.queue.getJob(id);
    if (!job) throw new Error(`job ${id} is gone`);
    return job;
  }

  close() {
    return Promise.all([this.worker.close(true), this.queue.close(), this.flows.close()]);
  }
}
