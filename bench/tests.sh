#!/bin/bash
# tests.sh -- what a job with tests costs, beside a job for each of them.
set -euo pipefail
cd "$(dirname "$0")/.."
node bench/tests.mjs "${BENCH_JOBS:-10}"
