// BullMQ's own Queue, Worker, QueueEvents and FlowProducer, running on our Lua: each client's
// commands are defined anew under the names BullMQ calls them by.

import {createHash} from 'node:crypto';
import {on, once} from 'node:events';
import {after, afterEach, before, beforeEach} from 'node:test';
import {FlowProducer, Queue, QueueEvents, Worker} from 'bullmq62';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts, readScripts} from '../support/scripts.mjs';

const VERSION = '6.2.0';
export const NAME = 'jobs';
const scripts = readScripts();
export const opened = []; // how to close what the test opened
let server;
export let redis;

before(async () => {
  server = await startRedis();
  redis = new Redis(server.socket);
});
after(async () => {
  redis?.disconnect();
  await server?.stop();
});
beforeEach(() => redis.flushall());
afterEach(closeAll);

// Whoever was opened last is closed first; then the connections they were given.
async function closeAll() {
  while (opened.length) await opened.pop()();
}

export function connect() {
  const client = new Redis(server.socket, {maxRetriesPerRequest: null});
  opened.push(() => client.disconnect());
  return client;
}

async function onOurs(open) {
  const client = connect();
  const it = open(client);
  opened.push(() => it.close());
  await it.waitUntilReady();
  defineScripts(client, VERSION, scripts);
  return it;
}

export const openQueue = (options, name = NAME) => onOurs(connection => new Queue(name, {connection, ...options}));
export const openFlows = () => onOurs(connection => new FlowProducer({connection}));
// From the beginning, so that it does not matter when its first read arrives.
export const openEvents = () => onOurs(connection => new QueueEvents(NAME, {connection, lastEventId: '0'}));

// Not running yet, so that nothing is fetched by BullMQ's Lua.
export async function openWorker(processor, options, name = NAME) {
  const worker = await onOurs(connection =>
    new Worker(name, processor, {connection, autorun: false, drainDelay: 1, ...options}));
  worker.on('error', () => {});
  return worker;
}

export async function startWorker(...args) {
  const worker = await openWorker(...args);
  worker.run();
  return worker;
}

const within = () => ({signal: AbortSignal.timeout(10000)});
export const next = (emitter, event) => once(emitter, event, within());

// The first `n` of an event's first arguments, in their order.
export async function collect(emitter, event, n) {
  const seen = [];
  for await (const [first] of on(emitter, event, within())) if (seen.push(first) === n) break;
  return seen;
}

// Which of the commands Redis does not know by our text.
export async function missing(...names) {
  const shas = names.map(name => createHash('sha1').update(scripts.find(s => s.name === name).lua).digest('hex'));
  const known = await redis.script('EXISTS', ...shas);
  return names.filter((_, i) => !known[i]);
}
