#!/bin/bash
# The engine that engine.sh starts is made ready: its files in memory, crun where nobody can
# write to it. Starting it twice is starting it once, and stopped it leaves nothing mounted
# but its images. It stands beside the machine's engine, which gives it one.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine bash

skip() {
    if [ -n "${CI-}" ]; then not_ok "$*"; else echo "ok - # SKIP $*"; fi
    exit
}
[ "$(id -u)" = 0 ] || skip 'only root can start an engine'
! curl -fsS -m 3 --unix-socket /var/run/docker.sock http://docker/_ping >/dev/null 2>&1 ||
    skip 'engine.sh would take the engine at /var/run/docker.sock'

section=versions
[ "$BULLPEN_IMAGES" = pinned ] || section=standin
image=$(images_in $section "$BULLPEN_LANGUAGES/bash.yaml" | head -n 1)
docker save -o "$work/image.tar" "$image"
unset DOCKER_HOST BULLPEN_IMAGES
export BULLPEN_RUN=$work/run BULLPEN_STATE=$work/state BULLPEN_ENGINE_TMPFS=512m

engine() { "$root/deploy/engine.sh" "$@" 2>>"$work/engine.log"; }
in_memory() { [ "$(stat -f -c %T "$1")" = tmpfs ]; }
not_writable() { ! { : >>"$1"; } 2>/dev/null; }
told_so() { tr '\0' '\n' <"/proc/$1/environ" | grep -qx _LIBCONTAINER_CLONED_BINARY=1; }
same() { [ "$1" = "$2" ]; }
hello() {
    local docker=(docker --host "unix://$socket")
    "${docker[@]}" load -q -i "$work/image.tar" >/dev/null &&
        same hello "$("${docker[@]}" run --rm --runtime crun --network none "$image" echo hello)"
}
noted() {
    "$build/bullpen" doctor --docker "unix://$socket" --redis "unix:$work/nowhere.sock" \
        </dev/null >"$work/doctor.log" 2>&1
    grep -q "^note  *engine .*$1" "$work/doctor.log"
}
not_noted() { ! noted "$@" && grep -q '^ok  *engine' "$work/doctor.log"; }
answers() { curl -fsS -m 3 --unix-socket "$socket" http://docker/_ping >/dev/null 2>&1; }
ended_in() { same false "$(docker --host "unix://$socket" inspect -f '{{.State.Running}}' "$1" 2>&1)"; }
queued() { grep -q -- "-> FLOCK .*:$(stat -c %i "$1") " /proc/locks; }
mounted() { findmnt -rno TARGET | grep "^$work/"; }
leave() {
    engine stop --force
    mounted | xargs -r umount --lazy
    finish
}
trap leave EXIT

socket=$(engine start)
pid=$(cat "$BULLPEN_RUN/docker.pid")
check 'a private engine starts' same "$BULLPEN_RUN/docker.sock" "$socket"
check 'started again it is the same' same "$socket" "$(engine start)"
check 'one engine runs' same "$pid" "$(cat "$BULLPEN_RUN/docker.pid")"
check 'its images are in memory' in_memory "$BULLPEN_STATE/engine"
check 'so is what it keeps of running containers' in_memory "$BULLPEN_RUN/docker-exec"
check 'its crun cannot be written, not even by root' not_writable "$BULLPEN_RUN/crun"
check 'it says so to crun' told_so "$pid"
check 'a container runs by that crun' hello
check 'the doctor has nothing to say of that crun' not_noted "crun, $BULLPEN_RUN/crun"
mount -o remount,bind,rw "$BULLPEN_RUN/crun"
check 'the doctor notes one that can be written' noted "crun, $BULLPEN_RUN/crun, can be written"
cp "$(where crun)" "$work/old-crun"
mount --bind "$work/old-crun" "$BULLPEN_RUN/crun"
rm "$work/old-crun"
check 'and an old one' noted "crun, $BULLPEN_RUN/crun, is an old one"
umount "$BULLPEN_RUN/crun"

container=$(docker --host "unix://$socket" run -d --network none "$image" sleep 600)
kill -9 "$pid"
wait_for 10 gone "$pid"
engine stop
check 'a stop says that it has died' grep -q 'the private engine has died' "$work/engine.log"
check 'killed, it is started again' same "$socket" "$(engine start)"
pid=$(cat "$BULLPEN_RUN/docker.pid" 2>/dev/null)
check 'and has ended what still ran in it' wait_for 10 ended_in "$container"
check 'a container runs by its crun' hello

exec 8>"$BULLPEN_RUN/engine.lock"
flock 8
engine stop 8>&- &
stopping=$!
check 'a stop waits for whoever starts one' wait_for 10 queued "$BULLPEN_RUN/engine.lock"
check 'and stops nothing meanwhile' answers
exec 8>&-
check 'it stops' wait "$stopping"
check 'and has stopped' gone "$pid"
check 'only its images stay mounted' same "$BULLPEN_STATE/engine" "$(mounted)"
