#!/bin/bash
# run.sh BUILD [BENCH ...] -- run the benchmarks; they print figures and judge nothing. Those that
# compare with bench/peer do it in turns, in one run: what counts is the ratio. The last table has
# all of these beside what was promised.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
export BULLPEN_SELFTEST=no # it would be measured, too
BENCH_FIGURES=$(mktemp)
export BENCH_FIGURES
trap 'rm -f "$BENCH_FIGURES"' EXIT
[ $# -gt 0 ] || set -- engine end_to_end flood load http start queue verdicts tests
echo "$(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r)," \
    "$(redis-server --version | grep -o 'v=[^ ]*'), node $(node --version)"
for bench; do
    echo "== $bench"
    if [ -f "bench/$bench.sh" ]; then
        BULLPEN_BUILD=$PWD/$build "bench/$bench.sh"
    else
        BULLPEN_BUILD=$PWD/$build node "bench/$bench.mjs"
    fi
done
echo "== all"
node bench/table.mjs "$BENCH_FIGURES"
