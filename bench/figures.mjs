// A benchmark's ratios for the table at the end of `make bench`: one line of JSON each in the
// file $BENCH_FIGURES; nowhere without it.

import {appendFileSync} from 'node:fs';

export const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
};
export const median = values => {
  const sorted = [...values].sort((a, b) => a - b), half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
};

// Round by round.
export const ratios = (values, of) => values.map((value, round) => value / of[round]);

const short = value => Math.abs(value) < 10 ? value.toPrecision(3) : value.toFixed(0);

// "0.061 (0.052..0.070)": the median of rounds, and how far they lie apart.
export const spread = values => `${short(median(values))} (${short(Math.min(...values))}..${short(Math.max(...values))})`;

// `values` has one for each round.
export function figure(name, values) {
  if (process.env.BENCH_FIGURES)
    appendFileSync(process.env.BENCH_FIGURES, `${JSON.stringify({name, values})}\n`);
}
