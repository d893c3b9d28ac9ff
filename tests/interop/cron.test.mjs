// When a pattern comes round next: our C and BullMQ 6's cron-parser, side by side on patterns
// made at random, in zones and at times where clocks are set. CRON_SEED and CRON_ROWS choose.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {test} from 'node:test';
import {answer} from './cron.mjs';
import {rows} from '../support/cron.mjs';
import {build} from '../support/programs.mjs';

const seed = Number(process.env.CRON_SEED ?? Date.now() % 1000000);
const count = Number(process.env.CRON_ROWS ?? 5000);

const ask = asked => execFileSync(join(build, 'tests/cron_next'), {
  input: asked.map(({after, zone, pattern}) => `${after}\t${zone}\t${pattern}\n`).join(''),
  encoding: 'utf8', maxBuffer: 1 << 26,
}).trimEnd().split('\n');

test(`${count} random patterns come round when cron-parser says (CRON_SEED=${seed})`, () => {
  const asked = [...rows(seed, count, 2024, 2034)];
  const ours = ask(asked);
  let compared = 0;
  for (const [i, row] of asked.entries()) {
    const theirs = answer(row.pattern, row.zone, row.after);
    if (typeof theirs !== 'number') continue; // it refuses more: what is said twice in a list
    compared += 1;
    assert.equal(ours[i], String(theirs), JSON.stringify(row));
  }
  assert.ok(compared > count / 2);
});

test('what cron-parser takes for no pattern, we refuse, too', () => {
  const wrong = ['60 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *', '* * * 0 *', '* * * 13 *',
    '* * * * 8', '5-1 * * * *', '1,,2 * * * *', 'a * * * *', '*/0 * * * *', '* * 15W * *', '* * * * L',
    '* * * * 1#6', '* * * * 1#1,2', '* * * * * * *', '0 0 30 2 *', '@reboot'];
  const ours = ask(wrong.map(pattern => ({pattern, zone: 'UTC', after: 0})));
  for (const [i, pattern] of wrong.entries()) {
    assert.ok(answer(pattern, 'UTC', 0) instanceof Error, pattern);
    assert.match(ours[i], /^error: /, pattern);
  }
});
