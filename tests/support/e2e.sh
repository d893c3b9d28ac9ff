# shellcheck shell=bash disable=SC2034
# e2e.sh -- what the end-to-end tests share; sourced, never run.
#
# Real programs from $BULLPEN_BUILD, a redis-server of the test's own on a unix socket, and
# the machine's engine. Every process is stopped by its pid at the end, however that comes.
# A test is one line of TAP. No engine: the whole script is one skip, and a failure in CI.
set -uo pipefail
# shellcheck source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"
build=${BULLPEN_BUILD:-$root/build}
work=$(mktemp -d /tmp/bullpen-e2e-XXXXXX)
export BULLPEN_LANGUAGES=$root/lang-registry/languages BULLPEN_QUEUE=e2e-$$
export REDIS_URL=unix:$work/redis.sock
export BULLPEN_SELFTEST=no # but where a test is about them
unset PORT
failed=0 redis_pid='' pids=()

finish() {
    local pid
    for pid in "${pids[@]}" $redis_pid; do
        kill -9 "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    [ "$failed" -eq 0 ] || tail -n 30 "$work"/*.log
    [ -z "${BULLPEN_IMAGES-}" ] || containers | xargs -r docker rm -f >/dev/null 2>&1
    rm -rf "$work"
    exit "$failed"
}
trap finish EXIT

# What the queue's jobs run in, or what is left of it.
containers() { docker ps -aq --filter "label=bullpen.queue=bull:$BULLPEN_QUEUE"; }

ok() { echo "ok - $*"; }
not_ok() {
    echo "not ok - $*"
    failed=1
}

# check NAME COMMAND ...: one test
check() {
    local name=$1
    shift
    if "$@"; then ok "$name"; else not_ok "$name"; fi
}

# need_engine [LANGUAGE ...]: the engine, and the images of these, or of those in deploy/languages
need_engine() {
    local socket
    # shellcheck disable=SC2046
    [ $# -gt 0 ] || set -- $(<"$root/deploy/languages")
    if ! socket=$("$root/deploy/engine.sh" start 2>"$work/engine.log") ||
        ! BULLPEN_IMAGES=$(DOCKER_HOST=unix://$socket "$root/deploy/images.sh" "$@" \
            2>"$work/images.log" | sed -n 's/^BULLPEN_IMAGES=//p' | tail -n 1) || [ -z "$BULLPEN_IMAGES" ]; then
        tail -n 5 "$work"/*.log | sed 's/^/# /'
        if [ -n "${CI-}" ]; then not_ok "no engine"; else echo "ok - # SKIP no engine"; fi
        exit
    fi
    export DOCKER_HOST=unix://$socket BULLPEN_IMAGES
}

redis() { redis-cli -s "$work/redis.sock" "$@"; }

start_redis() {
    redis-server --port 0 --unixsocket "$work/redis.sock" --dir "$work" --save '' \
        --appendonly yes --appendfsync always >"$work/redis.log" 2>&1 &
    redis_pid=$!
    wait_for 10 redis_answers || not_ok "redis-server did not start"
}
redis_answers() { [ "$(redis ping 2>/dev/null)" = PONG ]; }

stop_redis() {
    kill -9 "$redis_pid"
    wait "$redis_pid" 2>/dev/null
    redis_pid=''
}

# start_producer [FLAG ...]: on a port of its own choice, under the command in $under if
# there is one; sets producer and url
start_producer() {
    ${under-} "$build/bullpen-producer" --port 0 "$@" >"$work/producer.log" 2>&1 &
    producer=$!
    pids+=("$producer")
    wait_for 10 grep -qs event=listening "$work/producer.log" ||
        not_ok "the producer does not listen"
    url=http://127.0.0.1:$(sed -n 's/.*event=listening.* port=//p' "$work/producer.log")
}

# start_worker NAME [FLAG ...]: sets worker
start_worker() {
    "$build/bullpen-worker" --name "$@" >"$work/$1.log" 2>&1 &
    worker=$!
    pids+=("$worker")
    wait_for 10 grep -qs event=redis-ready "$work/$1.log" || not_ok "worker $1 does not start"
}

# post JSON: sets id, and reply to the whole answer
post() {
    reply=$(curl -s -m 10 -H 'Content-Type: application/json' --data-binary "$1" "$url/v1/jobs")
    id=$(sed -n 's/.*"jobId":"\([^"]*\)".*/\1/p' <<<"$reply")
}
get() { curl -s -m 10 "$url/v1/jobs/$1"; }

# is STATUS ID, ended ID: what GET says
is() { [[ $(get "$2") == '{"status":"'"$1"'"'* ]]; }
ended() { is completed "$1" || is failed "$1"; }

# result ID TEXT ...: it ends within 30 s and every text is in its result
result() {
    local text job=$1
    shift
    wait_for 30 ended "$job" || echo "# job $job does not end: $(get "$job")"
    reply=$(get "$job")
    for text; do
        [[ $reply == *"$text"* ]] || {
            echo "# no $text in $reply"
            return 1
        }
    done
}
