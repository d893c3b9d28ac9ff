#!/bin/bash
# queue.sh -- the queue beside BullMQ's own: jobs per second, and what each costs Redis and its
# client. BENCH_JOBS says how many a line takes (20000), BENCH_DEEPEST how many wait at most.
set -euo pipefail
cd "$(dirname "$0")/.."
node bench/queue/throughput.mjs "${BENCH_JOBS:-20000}" "${BENCH_DEEPEST:-400000}"
