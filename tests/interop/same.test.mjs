// The same random calls to BullMQ's commands and to ours: the answers and everything in Redis
// must be the same. SEED and STEPS in the environment choose the walks; a failure prints the
// seed and the last calls.

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';
import {Redis} from 'ioredis';
import {startRedis} from '../support/redis.mjs';
import {defineScripts, readScripts} from '../support/scripts.mjs';
import {asHash, everything} from './everything.mjs';
import {OneByOne, ScriptQueue} from './queue.mjs';
import {Walk} from './walk.mjs';

const SEED = Number(process.env.SEED ?? 1);
const STEPS = Number(process.env.STEPS ?? 250);
const ROUNDS = 10;
const MAX_EVENTS = [10000, 0, 1, 20, 10000];

let server;
before(async () => {
  server = await startRedis('--stream-node-max-entries', '5'); // so that trimming is seen
});
after(() => server?.stop());

// Each call goes to both sides.
class Pair {
  constructor(theirs, ours) {
    Object.assign(this, {sides: [theirs, ours], calls: []});
  }

  call = async (verb, ...args) => {
    this.calls.push(`${verb} ${JSON.stringify(args)}`);
    const replies = await Promise.all(this.sides.map(side =>
      side[verb](...args).catch(error => `error ${error.message}`)));
    assert.deepEqual(...replies.map(reply => comparable(verb, reply)));
    return replies[1];
  };

  ask = async (...command) => {
    this.calls.push(command.join(' '));
    await Promise.all(this.sides.map(side => side.redis.call(...command)));
  };

  look = async suffix => (await everything(this.sides[1].redis, `bull:q:${suffix}`))[`bull:q:${suffix}`]?.value;

  async compare() {
    assert.deepEqual(...await Promise.all(this.sides.map(side => everything(side.redis))));
  }
}

// Field order and the milliseconds of a time to live are nobody's business.
function comparable(verb, reply) {
  if (typeof reply === 'number') return reply > 1000 ? 'ms' : reply;
  if (!Array.isArray(reply)) return reply;
  if (verb === 'finishAll') return reply.map(each => comparable('finish', each));
  if (verb === 'jobs') return reply.map(state => state.map(([id, flat]) => [id, asHash(flat)]));
  if (verb === 'scheduler') return [reply[0] && asHash(reply[0]), reply[1]];
  if (!['fetch', 'finish', 'delay'].includes(verb)) return reply;
  const [flat, id, limit, next] = reply;
  return [flat && asHash(flat), id, limit > 1000 ? 'ms' : limit, next];
}

for (const [version, name] of [['6.2.0', 'bullmq62'], ['6.7.0', 'bullmq6']]) {
  describe(`BullMQ ${version} and we`, async () => {
    const scripts = readScripts();
    for (let round = 0; round < ROUNDS; round++) {
      const seed = SEED * 1000 + round;
      test(`agree_on_the_walk_of_seed_${seed}`, async () => {
        const {Queue} = await import(name);
        const [theirs, ours] = [1, 2].map(db => new Redis(server.socket, {db, maxRetriesPerRequest: null}));
        const pair = new Pair(new OneByOne(theirs, 'bull:q:', script => `${script}:${version}`),
          new ScriptQueue(defineScripts(ours, undefined, scripts)));
        const queue = new Queue('another', {connection: theirs});
        try {
          await queue.waitUntilReady(); // that defines its commands
          await Promise.all([theirs.flushdb(), ours.flushdb()]);
          await pair.ask('HSET', 'bull:q:meta', 'opts.maxLenEvents', MAX_EVENTS[round % MAX_EVENTS.length]);
          const walk = new Walk(pair, seed, version);
          for (let i = 0; i < STEPS; i++) {
            await walk.step();
            await pair.compare();
          }
        } catch (error) {
          error.message += `\nThe last calls:\n${pair.calls.slice(-12).join('\n')}`;
          throw error;
        } finally {
          await queue.close();
          for (const client of [theirs, ours]) client.disconnect();
        }
      });
    }
  });
}
