#!/bin/bash
# run.sh BUILD [BENCH ...] -- run the benchmarks; they print figures and judge nothing. Those that
# compare with bench/peer do it in turns, in one run: what counts is the ratio.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
export BULLPEN_SELFTEST=no # it would be measured, too
[ $# -gt 0 ] || set -- end_to_end load http start verdicts tests queue
for bench; do
    echo "== $bench"
    if [ -f "bench/$bench.sh" ]; then
        BULLPEN_BUILD=$PWD/$build "bench/$bench.sh"
    else
        BULLPEN_BUILD=$PWD/$build node "bench/$bench.mjs"
    fi
done
