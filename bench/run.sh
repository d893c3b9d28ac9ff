#!/bin/bash
# run.sh BUILD [BENCH ...] -- run the benchmarks; they print figures and judge nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
[ $# -gt 0 ] || set -- first_light verdicts tests queue
for bench; do
    echo "== $bench"
    BULLPEN_BUILD=$PWD/$build "bench/$bench.sh"
done
