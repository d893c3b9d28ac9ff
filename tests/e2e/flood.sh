#!/bin/bash
# Clients that are too much: they get nothing, and the others still get their answers.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
start_redis
under='prlimit --nofile=40:40' start_producer
wait_for 5 grep -q redis-ready "$work/producer.log"
port=${url##*:}

# A chunk's head that never ends: the connection is closed long before this is all sent.
chunk_head() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;' >&3
    head -c 20000000 /dev/zero 2>/dev/null | tr '\0' x >&3
}
check 'a chunk head without end ends' eval '! (trap "" PIPE; chunk_head) 2>/dev/null'
check '... and holds nobody up' curl -sf -m 2 -o /dev/null "$url/healthz"

# More connections than file descriptors.
for _ in $(seq 60); do exec {fd}<>"/dev/tcp/127.0.0.1/$port" && fds+=("$fd"); done 2>/dev/null
check 'out of file descriptors: it says so' wait_for 5 grep -q event=accept "$work/producer.log"
sleep 1
check '... but not without a pause' [ "$(wc -l <"$work/producer.log")" -lt 20 ]
for fd in "${fds[@]}"; do exec {fd}>&-; done
check '... and goes on when there are some again' \
    curl -sf -m 5 -o /dev/null --retry 5 --retry-connrefused "$url/healthz"
