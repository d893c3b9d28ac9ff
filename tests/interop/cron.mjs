// What the cron-parser of a BullMQ answers.

import {createRequire} from 'node:module';

const {CronExpressionParser} = createRequire(import.meta.resolve('bullmq6'))('cron-parser');

// The next time in ms, or the error.
export function answer(pattern, tz, after) {
  try {
    return CronExpressionParser.parse(pattern, {currentDate: new Date(after), tz}).next().getTime();
  } catch (error) {
    return error;
  }
}
