#!/bin/bash
# run.sh -- Bullpen on this machine: build it, have all it needs, run it until Ctrl-C.
#
# Redis, the Docker engine and the images are used if they are there, and else installed,
# started and built (redis.sh, engine.sh, images.sh). At the end what was started here is
# stopped again, and nothing else.
#
# LANGUAGES       whose images to have; others can be had later (those in deploy/languages)
# PORT            where the producer listens, on the loopback interface only (3001)
# REDIS_URL, DOCKER_HOST, BULLPEN_IMAGES and the programs' other variables: as usual
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

port=${PORT:-3001}
url=http://127.0.0.1:$port
worker='' producer='' our_redis='' our_engine=''

# Backwards through what was done. Ctrl-C once more changes nothing: each step has an end.
finish() {
    trap '' INT TERM
    stop worker "$worker"
    stop producer "$producer"
    [ -z "$our_redis" ] || "$deploy/redis.sh" stop || true
    [ -z "$our_engine" ] || "$deploy/engine.sh" stop || true
}

# stop NAME PID: ask, and after half a minute insist
stop() {
    [ -n "$2" ] && ! gone "$2" || return 0
    kill "$2" 2>/dev/null || true
    wait_for 30 gone "$2" || {
        say "the $1, pid $2, does not end; killing it"
        kill -9 "$2" 2>/dev/null || true
    }
    wait "$2" 2>/dev/null || true
    say "the $1 has stopped"
}

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
        say "port $port is taken: $(who_listens)"
        die "stop that, or take another port: PORT=$((port + 1)) make run"
    }
}
who_listens() {
    local who
    who=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:((\(.*\)))/\1/p' | head -n 1)
    ! curl -fsS -m 2 "$url/healthz" >/dev/null 2>&1 || who="${who:-somebody} (it answers as a Bullpen producer does)"
    echo "${who:-by a program of somebody else}"
}

# launch NAME: start build/bullpen-NAME with its log in a file; $! is its pid. In a session of
# its own, so that Ctrl-C reaches this script alone, and each is stopped in its turn.
launch() { setsid "$root/build/bullpen-$1" >"$run/$1.$port.log" 2>&1 & }

# An answer, or nobody left who could give one.
ready_or_dead() { ready || gone "$producer" || gone "$worker"; }
ready() { [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "$url/readyz")" = 200 ]; }

show() {
    echo "--- the end of $run/$1.$port.log" >&2
    tail -n 20 "$run/$1.$port.log" >&2
}

"$deploy/packages.sh" build curl
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$root" -j "$(nproc)" all >&2
port_is_free
mkdir -p "$run"

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
REDIS_URL=$("$deploy/redis.sh" url) || {
    REDIS_URL=$("$deploy/redis.sh" start)
    our_redis=1
}
socket=$("$deploy/engine.sh" socket) || {
    socket=$("$deploy/engine.sh" start)
    our_engine=1
}
read -ra languages <<<"${LANGUAGES:-$(<"$deploy/languages")}"
images=$("$deploy/images.sh" "${languages[@]}" | tail -n 1)
export REDIS_URL DOCKER_HOST=unix://$socket PORT=$port BULLPEN_IMAGES=${images#*=}
export BULLPEN_LANGUAGES=${BULLPEN_LANGUAGES:-$root/lang-registry/languages}

port_is_free
launch producer
producer=$!
launch worker
worker=$!
wait_for 30 ready_or_dead || true
if gone "$producer" || gone "$worker" || ! ready; then
    show producer
    show worker
    die "Bullpen does not come up: $url/readyz answers $(curl -s -m 2 "$url/readyz" || echo nothing)"
fi

cat >&2 <<END

Bullpen runs at $url with $BULLPEN_IMAGES images; logs: $run/{producer,worker}.$port.log
Try, in another terminal:

    curl -s $url/v1/jobs -H 'Content-Type: application/json' \\
        -d '{"language": "python", "code": "print(2 + 2)"}'
    curl -s $url/v1/jobs/1        # or whatever jobId the first one answered

or 'make smoke'. Languages: ${languages[*]}. For more, deploy/images.sh NAME.
Ctrl-C stops it.
END
wait -n "$producer" "$worker" || true
for name in producer worker; do
    ! gone "${!name}" || show "$name"
done
die 'one of the programs has ended by itself'
