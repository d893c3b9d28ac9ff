#!/bin/bash
# Redis and the engine go away and come back.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine

start_producer
code() { curl -s -o "$work/body" -w '%{http_code} %{content_type}' "$url$1"; }
check 'without Redis the producer starts, and is not ready' [ "$(code /readyz)" = '503 application/problem+json' ]
check '... but alive' [ "$(code /healthz)" = '200 application/json' ]
post '{"language": "python", "code": "print(1)"}'
check '... and refuses a job with 503' grep -q '"status":503' <<<"$reply"
"$build/bullpen-worker" --name early >"$work/early.log" 2>&1 &
early=$!
pids+=("$early")
wait_for 5 grep -q redis-away "$work/early.log"
check 'a worker waits for Redis and says so once' [ "$(grep -c redis-away "$work/early.log")" -eq 1 ]

start_redis
ready() { [[ $(code /readyz) == 200* ]]; }
check 'with Redis there the producer becomes ready by itself' wait_for 15 ready
post '{"language": "python", "code": "print(1)"}'
check '... and the worker takes jobs' result "$id" '"output":"1"'

post '{"language": "bash", "code": "sleep 2; echo kept"}'
wait_for 10 is running "$id"
stop_redis
check 'with Redis gone the producer answers 503' grep -q '"status":503' <(get "$id")
start_redis
wait_for 15 ready
check 'a result found while Redis restarted is stored when it is back' result "$id" '"output":"kept"' '"attemptsMade":1'
kill -TERM "$early"
wait "$early"

DOCKER_HOST=unix://$work/no-engine.sock start_worker lost
post '{"language": "python", "code": "print(1)"}'
check 'without an engine a job fails after its attempts, and says why' result "$id" \
    '"status":"failed"' '"attemptsMade":3' 'engine_unavailable: Docker at' 'no-engine.sock'
check '... the worker says so once' [ "$(grep -c engine-away "$work/lost.log")" -eq 1 ]
kill -TERM "$worker"
wait "$worker"
check '... and still ends well' [ $? -eq 0 ]

start_worker last --grace 300
post '{"language": "bash", "code": "sleep 1; echo late"}'
wait_for 10 is running "$id"
stop_redis
kill -TERM "$worker"
began=$SECONDS
wait "$worker"
check 'a worker that stops while Redis is away waits for its grace and no longer' \
    [ "$? $((SECONDS - began <= 12))" = "0 1" ]
