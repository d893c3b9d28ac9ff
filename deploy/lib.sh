# shellcheck shell=bash disable=SC2034
# lib.sh -- what the set-up scripts share, and the end-to-end tests with them; sourced, never run.
#
# BULLPEN_STATE  what should survive (Redis' data, the private engine's images, downloads)
# BULLPEN_RUN    what lives as long as its process (sockets, pids, logs)
#
# Each script talks to people on stderr and gives its result as the last line of stdout.

deploy=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$deploy")

if [ "$(id -u)" = 0 ]; then
    state=${BULLPEN_STATE:-/var/lib/bullpen}
    run=${BULLPEN_RUN:-/run/bullpen}
else
    state=${BULLPEN_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/bullpen}
    run=${BULLPEN_RUN:-${XDG_RUNTIME_DIR:-/tmp/bullpen-$(id -u)}/bullpen}
fi

say() { echo "$(basename "$0"): $*" >&2; }
die() {
    say "$*"
    exit 1
}

# where COMMAND: its path. The system folders are looked through whatever PATH says.
where() { PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$1"; }

# have COMMAND: is it there?
have() { where "$1" >/dev/null; }

# wait_for SECONDS COMMAND...: until the command succeeds, or fail at the deadline.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# gone PID: has this process ended? Its parent may never ask how: many an init in a container.
gone() { [ ! -d "/proc/$1" ] || grep -qs '^State:.Z' "/proc/$1/status"; }

# runs PID NAME: does this process run, and is it still the program of that name?
runs() { [ -n "$1" ] && ! gone "$1" && [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "$2" ]; }

# one_at_a_time NAME: wait here until nobody else is at the same thing.
one_at_a_time() {
    mkdir -p "$run"
    exec 9>"$run/$1.lock"
    flock -w 600 9 || die "another $1 has held $run/$1.lock for ten minutes; what is it waiting for?"
}

# images_in SECTION FILE: the images that a language file names under `versions` or `standin`
images_in() {
    awk -v section="$1:" '
        /^[^ #]/ { on = index($0, section) == 1 }
        on && /image:/ { sub(/.*image: *"?/, ""); sub(/[" ,}].*/, ""); print }' "$2"
}
