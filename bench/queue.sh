#!/bin/bash
# queue.sh [--quick] -- the queue beside BullMQ's own: jobs per second, what each costs Redis and
# its client, and what each command costs Redis. --quick is a minute's run.
#
# BENCH_JOBS says how many jobs a line takes (20000), BENCH_DEEPEST how many wait at most (400000),
# BENCH_ROUNDS how often each command's calls are measured (60).
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --quick ]; then
    : "${BENCH_JOBS:=4000}" "${BENCH_DEEPEST:=10000}" "${BENCH_ROUNDS:=10}"
fi
node bench/queue/throughput.mjs "${BENCH_JOBS:-20000}" "${BENCH_DEEPEST:-400000}"
echo
node bench/queue/commands.mjs "${BENCH_ROUNDS:-60}"
