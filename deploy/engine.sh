#!/bin/bash
# engine.sh -- have a Docker engine that answers.
#
#   engine.sh start    use the engine that answers at $DOCKER_HOST or the default socket,
#                      else start a private one; the socket's path is the last line
#   engine.sh socket   the same line if an engine answers, else fail; starts nothing
#   engine.sh stop     stop the private engine, unless containers run in it (--force: even
#                      then); its images stay for the next start
#
# The private engine touches nothing of an engine that the machine may have: socket, pid and
# log are in $BULLPEN_RUN (/run/bullpen), images in $BULLPEN_STATE/engine (/var/lib/bullpen).
# It has no default bridge and writes no firewall rules: sandboxes have no network. Any number
# of programs may use it at once; starting it twice is starting it once.
#
# BULLPEN_ENGINE_TMPFS  size of the tmpfs that holds its images (default half of the memory;
#                       0: on disk). In memory a container costs 2 ms of unlinking and syncing,
#                       on a slow disk 30 ms. What it keeps of running containers goes by it too.
# BULLPEN_ENGINE_FLAGS  more flags for dockerd
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

private=$run/docker.sock
pidfile=$run/docker.pid
log=$run/docker.log
data=$state/engine
exec_root=$run/docker-exec
crun=$run/crun

answers() { [ -S "$1" ] && curl -fsS -m 3 --unix-socket "$1" http://docker/_ping >/dev/null 2>&1; }

# The first socket at which an engine answers.
find_socket() {
    local socket given=${DOCKER_HOST-}
    case $given in
    '' | unix://*) ;;
    *) die "DOCKER_HOST is $given, but workers need the engine's unix socket (unix:///path)" ;;
    esac
    for socket in "${given#unix://}" /var/run/docker.sock "$private"; do
        ! answers "$socket" || { echo "$socket" && return; }
    done
    return 1
}

# Mount what the kernel has and nobody has mounted: v2 when it can do what we need, else v1.
mount_cgroups() {
    local controller
    if ! grep -qE ' /sys/fs/cgroup(/[^ ]*)? cgroup2? ' /proc/mounts; then
        mount -t cgroup2 none /sys/fs/cgroup
        [ "$(grep -cwE 'memory|pids' <(tr ' ' '\n' </sys/fs/cgroup/cgroup.controllers))" = 2 ] ||
            umount /sys/fs/cgroup
    fi
    ! grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts || return 0
    mountpoint -q /sys/fs/cgroup || mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
        grep -qE "^$controller\s+[0-9]+\s+[0-9]+\s+1" /proc/cgroups || continue
        ! grep -qE " cgroup [^ ]*\b$controller\b" /proc/mounts || continue
        mkdir -p "/sys/fs/cgroup/$controller"
        mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null ||
            rmdir "/sys/fs/cgroup/$controller"
    done
}

# Containers are many small files that live for a second; memory is the place for them.
mount_memory() { # FOLDER SIZE
    mkdir -p "$1"
    [ "${BULLPEN_ENGINE_TMPFS-}" != 0 ] && [ "$(stat -f -c %T "$1")" != tmpfs ] || return 0
    [ -z "$(ls -A "$1")" ] || return 0
    mount -t tmpfs -o "size=$2,mode=711" bullpen-engine "$1" ||
        say "no tmpfs can be mounted on $1, which stays on the disk: containers take longer"
}

# So that no container can write to the crun it was started by, crun starts itself anew from a
# mount that is only for reading, made and taken away each time, four times a container. One
# that lies on such a mount believes the variable which says that this has been done, and only
# then; runc knows the same variable and is as careful.
protect_crun() {
    have crun || return 0
    ! mountpoint -q "$crun" || umount --lazy "$crun" # an old crun, it may be
    if : >>"$crun" && mount --bind "$(where crun)" "$crun" &&
        mount -o remount,bind,ro "$crun"; then
        export _LIBCONTAINER_CLONED_BINARY=1
    else
        say "crun cannot be mounted read-only at $crun; it takes care of itself, containers take longer"
        crun=$(where crun)
    fi
}

launch() {
    local start=(dockerd) flags=(--data-root "$data" --exec-root "$exec_root"
        --pidfile "$pidfile" --host "unix://$private" --bridge=none --iptables=false
        --ip6tables=false --shutdown-timeout 2 --log-level warn)
    ! have crun || flags+=(--add-runtime "crun=$crun")
    # crun refuses a v1 machine on which the v2 hierarchy beside it still owns a controller.
    # The engine then gets a view of the mounts without that hierarchy.
    if [ -n "$(cat /sys/fs/cgroup/unified/cgroup.controllers 2>/dev/null)" ]; then
        # shellcheck disable=SC2016
        start=(unshare -m --propagation unchanged sh -c '
            mount --make-rslave / 2>/dev/null || mount --make-rslave /sys/fs/cgroup 2>/dev/null &&
                umount /sys/fs/cgroup/unified
            exec dockerd "$@"' dockerd)
    fi
    # A session of its own, and none of our descriptors: it outlives this shell and its lock.
    # shellcheck disable=SC2086
    setsid nohup "${start[@]}" "${flags[@]}" ${BULLPEN_ENGINE_FLAGS-} \
        </dev/null >>"$log" 2>&1 9>&- &
    dockerd=$!
}

# dockerd takes a process that its parent never asks about for one that runs, and gives up.
forget_dead() { runs "$(cat "$1" 2>/dev/null)" "$2" || rm -f "$1"; } # PIDFILE NAME

up_or_gone() { answers "$private" || [ ! -d "/proc/$dockerd" ]; }

start() {
    "$deploy/packages.sh" curl
    find_socket && return 0
    [ -z "${DOCKER_HOST-}" ] || say "no engine answers at $DOCKER_HOST; a private one instead"
    [ "$(id -u)" = 0 ] ||
        die "no Docker engine answers at ${DOCKER_HOST:-unix:///var/run/docker.sock}, and only root can start one. Start yours (and be in its group), point DOCKER_HOST at it, or run this as root"
    one_at_a_time engine
    find_socket && return 0
    "$deploy/packages.sh" engine docker-cli
    mount_cgroups
    mount_memory "$data" "${BULLPEN_ENGINE_TMPFS:-50%}"
    mount_memory "$exec_root" 10%
    protect_crun
    forget_dead "$pidfile" dockerd
    forget_dead "$exec_root/containerd/containerd.pid" containerd
    launch
    wait_for 30 up_or_gone || true
    answers "$private" || {
        tail -n 15 "$log" >&2
        die "the private engine does not come up (whole log in $log)"
    }
    say "a private Docker engine runs at $private, log $log"
    echo "$private"
}

stop() {
    local pid count
    if ! runs "$(cat "$pidfile" 2>/dev/null)" dockerd; then
        ! mountpoint -q "$crun" ||
            say "the private engine has died; what ran in it may still run, and ends when it is started again"
        return 0
    fi
    one_at_a_time engine # whoever starts another one makes it ready first
    pid=$(cat "$pidfile" 2>/dev/null || true)
    runs "$pid" dockerd || return 0
    count=$(curl -fsS -m 5 --unix-socket "$private" http://docker/containers/json 2>/dev/null |
        grep -o '"Id":' | grep -c . || true)
    if [ "$count" != 0 ] && [ "${1-}" != --force ]; then
        say "the private engine goes on: $count containers of somebody run in it (engine.sh stop --force)"
        return 0
    fi
    kill "$pid"
    wait_for 30 gone "$pid" || die "dockerd, pid $pid, does not end; see $log"
    ! mountpoint -q "$crun" || umount --lazy "$crun"
    ! mountpoint -q "$exec_root" || umount "$exec_root" ||
        say "$exec_root stays mounted: a container has left something that is in use"
    say "the private engine has stopped; its images stay in $data"
}

case ${1-} in
start) start ;;
socket) find_socket ;;
stop) stop "${2-}" ;;
*) die 'usage: engine.sh start|socket|stop [--force]' ;;
esac
