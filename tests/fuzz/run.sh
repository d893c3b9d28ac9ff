#!/bin/bash
# run.sh BUILD SECONDS [FUZZER ...] -- run each fuzzer from its seeds for a while; TAP.
# FUZZ_SEED makes two runs alike; without it each explores elsewhere.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
build=$1 seconds=$2
shift 2
if [ $# -eq 0 ]; then
    for source in tests/fuzz/fuzz_*.c; do set -- "$@" "$(basename "$source" .c)"; done
fi
status=0
for fuzzer; do
    seeds=tests/fuzz/seeds/${fuzzer#fuzz_}
    found=$build/fuzz/found/$fuzzer
    mkdir -p "$found"
    if "$build/fuzz/$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -seed="${FUZZ_SEED:-0}" -artifact_prefix="$found/crash-" -print_final_stats=1 -verbosity=0 \
        "$found" "$seeds" >"$build/fuzz/$fuzzer.log" 2>&1; then
        echo "ok - $fuzzer for $seconds s ($(sed -n 's/^stat::number_of_executed_units: *//p' \
            "$build/fuzz/$fuzzer.log") inputs)"
    else
        tail -n 40 "$build/fuzz/$fuzzer.log"
        echo "not ok - $fuzzer; the input is in $found"
        status=1
    fi
done
exit $status
