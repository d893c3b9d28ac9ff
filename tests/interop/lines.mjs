// One queue shared by our programs and BullMQ's classes, for each line of BullMQ.

import {dirname, join} from 'node:path';
import {after, afterEach, before, beforeEach, describe} from 'node:test';
import * as bullmq5 from 'bullmq5';
import * as bullmq6 from 'bullmq6';
import {Redis} from 'ioredis';
import {startEmptyEngine} from '../support/empty_engine.mjs';
import {startProducer, startWorker, stopAll} from '../support/programs.mjs';
import {startRedis} from '../support/redis.mjs';

const lines = {bullmq5, bullmq6};
const nowhereOf = socket => join(dirname(socket), 'nowhere.sock');

// Ends every job at once, well, without looking at its data.
const NOOP = {BULLPEN_RUNNER: 'noop'};

export const RUNNABLE = {language: 'bash', code: 'echo'};
export const HOPELESS = {language: 'cobol', code: 'x'};

// What a test works with: a queue of its own, its events, and workers of both kinds, which end
// with the test.
class Shared {
  constructor(line, bullmq, socket, name) {
    Object.assign(this, {line, bullmq, socket, name, connection: {path: socket, maxRetriesPerRequest: null}});
    this.open = [];
    this.queue = this.keep(new bullmq.Queue(name, {connection: this.connection}));
    this.events = this.keep(new bullmq.QueueEvents(name,
      {connection: this.connection, lastEventId: '0-0'}));
    this.redis = new Redis(socket);
    this.heard = [];
  }

  keep(thing) {
    this.open.push(thing);
    return thing;
  }

  async ready() {
    await Promise.all([this.queue.waitUntilReady(), this.events.waitUntilReady()]);
    return this;
  }

  // Notes what QueueEvents emits from now on, as [name, what it carries].
  listen(...names) {
    for (const name of names) this.events.on(name, fields => this.heard.push([name, fields]));
  }

  idsOf(name) {
    return this.heard.filter(([event]) => event === name).map(([, {jobId}]) => jobId);
  }

  another(name) {
    return this.keep(new this.bullmq.Queue(name, {connection: this.connection}));
  }

  flow() {
    return this.keep(new this.bullmq.FlowProducer({connection: this.connection}));
  }

  noop(...args) {
    return startWorker(this.socket, NOOP, '--queue', this.name, ...args);
  }

  // Its engine has no image: whatever could run is a failure of ours, and is retried; whatever
  // could not fails at once.
  failing(...args) {
    return startWorker(this.socket, {DOCKER_HOST: `unix://${nowhereOf(this.socket)}`}, '--queue', this.name, ...args);
  }

  ours(env, ...args) {
    return startWorker(this.socket, env, '--queue', this.name, ...args);
  }

  producer(...args) {
    return startProducer(this.socket, {}, '--queue', this.name, ...args);
  }

  // Its stalled check, closed while under way, would keep the process for another interval.
  node(processor, options = {}, name = this.name) {
    const worker = this.keep(new this.bullmq.Worker(name, processor,
      {connection: this.connection, skipStalledCheck: !options.stalledInterval, ...options}));
    worker.on('error', () => {});
    return worker;
  }

  async close() {
    await stopAll();
    for (const thing of this.open.reverse()) await thing.close(true);
    this.redis.disconnect();
  }
}

// The tests of `body`, once for each line; `at()` gives the present test's Shared.
export function onBothLines(what, body) {
  for (const [line, bullmq] of Object.entries(lines)) {
    describe(`${line}: ${what}`, {timeout: 240000}, () => {
      let redis, shared, engine, count = 0;

      before(async () => {
        redis = await startRedis();
        engine = await startEmptyEngine(nowhereOf(redis.socket));
      });
      beforeEach(async () => {
        shared = await new Shared(line, bullmq, redis.socket, `q${count += 1}`).ready();
      });
      afterEach(() => shared.close());
      after(async () => {
        await engine.stop();
        await redis.stop();
      });
      body(() => shared, line);
    });
  }
}
