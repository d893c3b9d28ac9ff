#!/bin/bash
# Workers come and go while they run jobs, and no job is lost.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
start_redis
start_producer
export BULLPEN_LOCK_DURATION_MS=1000 BULLPEN_STALLED_INTERVAL_MS=500 BULLPEN_DRAIN_DELAY_MS=1000

start_worker first
first=$worker
post '{"language": "bash", "code": "sleep 2; echo done"}'
check 'the job runs' wait_for 10 is running "$id"
kill -9 "$first"
wait "$first" 2>/dev/null
start_worker second
check 'another worker completes the job of one that was killed' \
    result "$id" '"output":"done"' '"worker":"second"'

post '{"language": "bash", "code": "sleep 2; echo done"}'
check 'the next job runs' wait_for 10 is running "$id"
kill -TERM "$worker"
wait "$worker"
check 'a worker that is asked to stop exits 0' [ $? -eq 0 ]
check '... after its job has ended well' result "$id" '"output":"done"' '"attemptsMade":1'

start_worker third --grace 200
post '{"language": "bash", "code": "sleep 5; echo done", "timeoutMs": 10000}'
check 'a long job runs' wait_for 10 is running "$id"
kill -TERM "$worker"
wait "$worker"
check 'a worker whose grace is over exits 0' [ $? -eq 0 ]
check '... and its job waits, at no cost of an attempt' grep -q '"attemptsMade":0' <(get "$id")
check '... in the queue' is queued "$id"
start_worker fourth
check '... for the next worker' result "$id" '"output":"done"' '"worker":"fourth"' '"attemptsMade":1'

# Many jobs, and a worker killed in their middle.
start_worker fifth
fifth=$worker
jobs=()
for i in $(seq 12); do
    post "{\"language\": \"bash\", \"code\": \"sleep 0.3; echo $i\"}"
    jobs+=("$id")
done
wait_for 10 is completed "${jobs[2]}"
kill -9 "$fifth"
wait "$fifth" 2>/dev/null
whole=0
for i in "${!jobs[@]}"; do
    result "${jobs[$i]}" "\"output\":\"$((i + 1))\"" && whole=$((whole + 1))
done
check 'twelve of twelve jobs complete though a worker was killed among them' [ "$whole" -eq 12 ]
