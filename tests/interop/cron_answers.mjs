// Writes tests/unit/cron_answers.h: what BullMQ 6's cron-parser answers, for a test that needs
// no node. Years that are over, so that no change of a time zone's rules changes them.
//
//     node tests/interop/cron_answers.mjs >tests/unit/cron_answers.h

import {answer} from './cron.mjs';
import {rows} from '../support/cron.mjs';

const ROWS = 500;
// What people write, and what has gone wrong in others' hands.
const known = ['* * * * *', '*/5 * * * *', '0 9 * * 1-5', '0 0 1 * *', '0 0 L * *', '0 12 * * 5L',
  '30 10 * * MON#2', '0 0 29 2 *', '0 0 1 * 1', '0 0 1-7 * 1', '0 0 */2 * */2', '59 59 23 31 12 *',
  '@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@minutely', '@secondly',
  '@weekdays', '@weekends', '0 0 ? * SUN', '0 22-23 * * *', '30 2 * * *', '*/15 1-3 * * *', '5', '5 5',
  '0 0 * * 7', '0 0 * * 5-7', '0 0 * * 1,3L', '0 0 * * *#1'];

// Around the hours that clocks leave out or show twice, before, in and behind them.
const changes = {
  'Europe/Berlin': ['2024-03-31T01:00Z', '2024-10-27T01:00Z'],
  'America/New_York': ['2024-03-10T07:00Z', '2024-11-03T06:00Z'],
  'America/Havana': ['2024-03-10T05:00Z', '2024-11-03T05:00Z'],
  'America/Nuuk': ['2024-03-31T01:00Z', '2024-10-27T01:00Z'],
};
const delicate = ['30 2 * * *', '*/30 1-3 * * *', '30 * * * *', '0 0,1,2 * * *', '0 22,23 * * *',
  '45 23 * * *', '@daily'];
const minutes = [-90, -30, 0, 30];

const written = [];
const write = ({pattern, zone, after}) => {
  const next = answer(pattern, zone, after);
  if (typeof next === 'number') written.push(`    {"${pattern}", "${zone}", ${after}, ${next}},`);
};
const start = Date.UTC(2024, 2, 30, 23, 59, 59, 500);
for (const pattern of known) write({pattern, zone: 'Europe/Berlin', after: start});
for (let day = 0; day < 7; day++) {
  write({pattern: `0 12 * * ${day}L`, zone: 'UTC', after: start});
  write({pattern: `0 12 * * ${day}#${1 + day % 5}`, zone: 'UTC', after: start});
}
for (const [zone, times] of Object.entries(changes))
  for (const time of times)
    for (const pattern of delicate)
      for (const minute of minutes) write({pattern, zone, after: Date.parse(time) + minute * 60000});
write({pattern: '30 0 * 11 *', zone: 'America/Havana', after: Date.parse('2020-10-31T04:10Z')});
for (const row of rows(1, 10 * ROWS, 2023, 2025)) if (written.length < ROWS) write(row);

console.log(`/* cron_answers.h -- made by tests/interop/cron_answers.mjs: pattern, zone, a time, and
 * cron-parser's next one, in ms. */
static const struct answer answers[] = {
    /* clang-format off */`);
console.log(written.join('\n'));
console.log(`    /* clang-format on */
};`);
