#!/bin/bash
# packages.sh -- install the Debian packages that are missing for a purpose.
#
#   packages.sh PURPOSE...     build | redis | engine | images | run | test | compose | bench
#
# Says nothing when nothing is missing. Who is not root gets the line to run instead.
# No package installed here may start a daemon or have one started at the next boot:
# what should run is started by redis.sh and engine.sh, on sockets of their own.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# purpose  package            command: enough when it is there, whoever brought it;
#                             '-': the package itself; '?': install it where it exists
table='
build      gcc                gcc
build      make               make
build      pkg-config         pkg-config
build      libc6-dev          -
build      libevent-dev       -
build      libhiredis-dev     -
build      libjansson-dev     -
build      libyaml-dev        -
redis-cli  redis-tools        redis-cli
redis      redis-server       redis-server
curl       curl               curl
curl       ca-certificates    -
zones      tzdata             -
engine     docker.io          dockerd
engine     mount              mount
engine     crun               ?
docker-cli docker.io          docker
docker-cli docker-cli         ?docker
images     tar                tar
images     dpkg               dpkg-deb
images     mount              mount
images     util-linux         unshare
test       libcmocka-dev      -
test       clang              clang
test       libclang-rt-dev    ?
test       clang-format       clang-format
test       clang-tidy         clang-tidy
test       cppcheck           cppcheck
test       lua-check          luacheck
test       shellcheck         shellcheck
test       procps             ps
test       chromium           chromium
node       nodejs             node
node       npm                npm
bench      wrk                wrk
bench      linux-perf         ?perf
compose    docker-compose     docker-compose
compose    mmdebstrap         mmdebstrap
'
# A purpose may be made of others.
expand() {
    case $1 in
    build) echo build ;;
    redis) echo redis-cli redis ;;
    engine) echo curl engine ;;
    images) echo curl docker-cli images ;;
    run) echo build curl zones redis-cli redis engine docker-cli images ;;
    test) echo build curl zones redis-cli redis test node ;;
    compose) echo curl docker-cli compose ;;
    bench) echo bench node ;;
    redis-cli | curl | zones | docker-cli | node) echo "$1" ;;
    *) die "no such purpose: $1 (build, redis, engine, images, run, test, compose or bench)" ;;
    esac
}

# Without dpkg nobody can tell; the compiler will.
installed() { ! have dpkg-query || dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q ' installed$'; }
update() { apt-get -q update >>"$log" 2>&1 || say "apt-get update failed, see $log"; }
available() { # all of them
    local package
    for package; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
    done
}

# node is only good from version 18 on: older ones cannot run the BullMQ clients.
good() {
    have "$1" || return 1
    [ "$1" != node ] || [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ]
}

# missing PURPOSE...: fills `need` and, for what is nice to have, `wish`.
missing() {
    local purpose package command
    need=() wish=()
    while read -r purpose package command; do
        [[ " $* " == *" $purpose "* ]] || continue
        case $command in
        -) installed "$package" || need+=("$package") ;;
        \?) installed "$package" || wish+=("$package") ;;
        \?*) good "${command#?}" || wish+=("$package") ;;
        *) good "$command" || need+=("$package") ;;
        esac
    done < <(grep . <<<"$table")
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@" >>"$log" 2>&1
}

# Debian's way to forbid daemons during an installation. An administrator's own rule stays.
forbid_daemons() {
    local policy=/usr/sbin/policy-rc.d
    [ ! -e $policy ] || return 0
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
}

daemons=(redis-server docker.io containerd)
# What came with the packages just installed is not started at the next boot either.
disable_daemons() {
    local package unit
    have systemctl || return 0
    for package in "${daemons[@]}"; do
        [[ " $before " != *" $package "* ]] || continue
        installed "$package" || continue
        for unit in $(dpkg -L "$package" | grep -oE '[^/@]+\.(service|socket)$'); do
            systemctl disable "$unit" >/dev/null 2>&1 || true
        done
    done
}

[ $# -gt 0 ] || die "for what? packages.sh build, redis, engine, images, run, test or compose"
groups=()
for purpose; do
    words=$(expand "$purpose")
    read -ra more <<<"$words"
    groups+=("${more[@]}")
done

missing "${groups[@]}"
[ $((${#need[@]} + ${#wish[@]})) -gt 0 ] || exit 0
have apt-get || [ ${#need[@]} = 0 ] ||
    die "this is no Debian, so nothing can be installed. Missing, by Debian's names: ${need[*]}"
if [ "$(id -u)" != 0 ] || ! have apt-get; then
    [ ${#need[@]} -gt 0 ] || exit 0
    say "packages are missing and only root can install them. Run this, then try again:"
    echo "    sudo apt-get install --no-install-recommends ${need[*]}" >&2
    exit 1
fi

one_at_a_time packages
missing "${groups[@]}"
log=$run/packages.log
: >"$log"
before=
for package in "${daemons[@]}"; do
    ! installed "$package" || before+=" $package "
done
forbid_daemons
available "${need[@]}" || update
for package in "${wish[@]}"; do
    ! available "$package" || need+=("$package")
done
[ ${#need[@]} -gt 0 ] || exit 0
say "installing ${need[*]}"
if ! apt_install "${need[@]}"; then
    say "failed; once more with fresh package lists"
    update
    apt_install "${need[@]}" || {
        tail -n 15 "$log" >&2
        die "apt-get could not install: ${need[*]} (whole output in $log)"
    }
fi
disable_daemons
