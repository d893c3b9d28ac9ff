#!/bin/bash
# verdicts.sh -- how long after its limit a program is dead, and how soon a bomb is.
set -euo pipefail
cd "$(dirname "$0")/.."
node bench/verdicts.mjs "${BENCH_JOBS:-100}"
