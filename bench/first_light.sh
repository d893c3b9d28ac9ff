#!/bin/bash
# first_light.sh -- a job from POST to completed, cold, next to a plain `docker run` of the
# same image on the same engine in the same minute; and what the idle programs weigh.
#
#   JOBS=30 bench/first_light.sh
# shellcheck source=../tests/support/e2e.sh
. "$(dirname "$0")/../tests/support/e2e.sh"
jobs=${JOBS:-30}
need_engine
start_redis
start_producer
start_worker bench

now_us() { local t=${EPOCHREALTIME/./}; echo "$t"; }
# percentiles FILE: median and the 99th of its lines, in ms
percentiles() {
    sort -n "$1" | awk '{ v[NR] = $1 } END {
        m = int((NR + 1) / 2); p = int(NR * 0.99 + 0.999999)
        if (p > NR) p = NR
        printf "%.1f %.1f\n", v[m] / 1000, v[p] / 1000 }'
}
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

image=$(curl -s "$url/v1/languages/bash" | sed -n 's/.*"image":"\([^"]*\)".*/\1/p')
idle_producer=$(rss_kb "$producer") idle_worker=$(rss_kb "$worker")
for _ in $(seq "$jobs"); do
    t0=$(now_us)
    post '{"language": "bash", "code": "echo hi"}'
    until is completed "$id"; do sleep 0.002; done
    echo $(($(now_us) - t0)) >>"$work/ours"
    t0=$(now_us)
    docker run --rm --network none "$image" bash -c 'echo hi' >/dev/null
    echo $(($(now_us) - t0)) >>"$work/docker-run"
done

read -r ours ours99 < <(percentiles "$work/ours")
read -r peer peer99 < <(percentiles "$work/docker-run")
awk -v a="$ours" -v b="$ours99" -v c="$peer" -v d="$peer99" -v n="$jobs" 'BEGIN {
    printf "%d jobs \"echo hi\", one at a time, POST to completed (curl included)\n", n
    printf "  bullpen, cold       p50 %7.1f ms   p99 %7.1f ms\n", a, b
    printf "  docker run --rm     p50 %7.1f ms   p99 %7.1f ms\n", c, d
    printf "  ratio               p50 %7.2f      p99 %7.2f\n", a / c, b / d }'
echo "resident memory, idle: producer $idle_producer KiB, worker $idle_worker KiB"
echo "after $jobs jobs:          producer $(rss_kb "$producer") KiB, worker $(rss_kb "$worker") KiB"
