#!/bin/bash
# Programs that are set up wrongly say what is wrong, and do not start.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"

# refuses NAME TEXT COMMAND ...: it ends with status 2 within 5 s and says the text
refuses() {
    local name=$1 text=$2 status
    shift 2
    timeout 5 "$@" >"$work/out.log" 2>&1
    status=$?
    if [ $status -eq 2 ] && grep -qF -- "$text" "$work/out.log"; then
        ok "$name"
    else
        not_ok "$name: status $status, $(head -c 400 "$work/out.log")"
    fi
}

mkdir "$work/languages"
printf 'id: x\nname: [\n' >"$work/languages/x.yaml"
for program in producer worker; do
    p=$build/bullpen-$program
    refuses "$program: a broken YAML file has its place" "x.yaml:" "$p" --languages "$work/languages"
    refuses "$program: a folder that is not there" "$work/nowhere" "$p" --languages "$work/nowhere"
    refuses "$program: an unknown flag" '--prot' "$p" --prot 1
    refuses "$program: a Redis address of no known kind" 'redis://' "$p" --redis localhost
    refuses "$program: TLS that is not spoken yet" 'TLS' "$p" --redis rediss://x
    refuses "$program: a queue's name with a colon" "':'" "$p" --queue a:b
    refuses "$program: no such log level" 'log-level' "$p" --log-level loud
    check "$program: --help is answered" grep -q 'REDIS_URL' <("$p" --help)
    check "$program: --version is answered" grep -qE '[0-9]+\.[0-9]+\.[0-9]+' <("$p" --version)
done
refuses 'worker: no slots' 'concurrency' "$build/bullpen-worker" --concurrency 0
refuses 'worker: a name Redis would refuse' '--name' "$build/bullpen-worker" --name 'a b'
refuses 'worker: an engine over TCP' 'unix:///' "$build/bullpen-worker" --docker tcp://127.0.0.1:2375
refuses 'worker: half a limiter' '--limiter-duration' "$build/bullpen-worker" --limiter-max 5
refuses 'worker: locks that end before they are extended' '--lock-duration, 1000' \
    "$build/bullpen-worker" --lock-duration 1000 --lock-renew-time 1001
refuses 'worker: no such runner' 'runner' "$build/bullpen-worker" --runner magic
refuses 'producer: listening to the world' '--insecure' "$build/bullpen-producer" --host 0.0.0.0
refuses 'producer: a name that only looks like loopback' '--insecure' "$build/bullpen-producer" --host 127.evil.example
refuses 'producer: a port out of range' '65535' "$build/bullpen-producer" --port 70000
start_redis
start_producer
refuses 'producer: a port that is taken' 'cannot listen' "$build/bullpen-producer" --port "${url##*:}"

# An engine that has no memory controller.
node -e '
  require("http").createServer((request, response) => response.end(JSON.stringify(
    request.url === "/version" ? {ApiVersion: "1.41"} : {MemoryLimit: false, PidsLimit: true})))
    .listen(process.argv[1])' "$work/weak.sock" &
weak=$!
wait_for 5 [ -S "$work/weak.sock" ]
refuses 'worker: an engine that cannot limit memory' '--allow-weak-sandbox' \
    "$build/bullpen-worker" --docker "unix://$work/weak.sock"
BULLPEN_ALLOW_WEAK_SANDBOX=yes DOCKER_HOST=unix://$work/weak.sock start_worker weak
check '... but when told so it starts, and says what is missing' \
    wait_for 5 grep -q 'event=sandbox-weak missing="no memory limit' "$work/weak.log"
kill "$worker" "$weak"
