#!/bin/bash
# redis.sh -- have a Redis that answers.
#
#   redis.sh start   use the Redis that answers at $REDIS_URL (or redis://127.0.0.1:6379/0),
#                    else start a private one; its URL is the last line of stdout
#   redis.sh url     the same line if a Redis answers, else fail; starts nothing
#   redis.sh stop    stop the private one, unless somebody is connected to it (--force: even
#                    then); what it holds is on disk for the next start
#
# The private Redis listens on a unix socket in $BULLPEN_RUN and on no port. It keeps every
# accepted job (append-only file, synced each second) and refuses new ones when it is full
# rather than forgetting old ones (noeviction): what a queue needs and a cache does not.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

socket=$run/redis.sock
pidfile=$run/redis.pid
log=$run/redis.log
data=$state/redis
default=redis://127.0.0.1:6379/0

# cli URL ARGUMENT...: redis-cli at that URL. Its own -u takes neither a unix socket nor a
# password without a user, and shows the password to everybody who looks at the processes.
cli() {
    local options=() password='' url='^redis(s?)://(([^:@/]*)(:([^@/]*))?@)?(\[[^]]*\]|[^:/]*)(:([0-9]+))?(/([0-9]+)?)?$'
    if [[ $1 =~ ^unix:(//)?(/.*)$ ]]; then
        options=(-s "${BASH_REMATCH[2]}")
    elif [[ $1 =~ $url ]]; then
        options=(-h "${BASH_REMATCH[6]:-127.0.0.1}" -p "${BASH_REMATCH[8]:-6379}")
        [ -z "${BASH_REMATCH[1]}" ] || options+=(--tls)
        [ -z "${BASH_REMATCH[3]}" ] || options+=(--user "${BASH_REMATCH[3]}")
        password=$(printf '%b' "${BASH_REMATCH[5]//%/\\x}")
    else
        die "REDIS_URL is '$(hide "$1")', and should be redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss://... or unix:/path"
    fi
    shift
    REDISCLI_AUTH=$password timeout 3 redis-cli "${options[@]}" --no-auth-warning "$@" 2>&1 </dev/null
}

answers() {
    local reply
    reply=$(cli "$1" ping | grep . | tail -n 1)
    case $reply in
    PONG) ;;
    LOADING* | *NOAUTH* | *WRONGPASS* | *NOPERM*)
        die "the Redis at $(hide "$1") answers '$reply'. If it wants a password, that goes into REDIS_URL (redis://:PASSWORD@HOST:PORT/0)"
        ;;
    *) return 1 ;;
    esac
}
hide() { echo "${1//:\/\/*@/:\/\/...@}"; }

find_url() {
    local url
    for url in "${REDIS_URL:-$default}" "unix:$socket"; do
        ! answers "$url" || { echo "$url" && return; }
    done
    return 1
}

start() {
    "$deploy/packages.sh" redis-cli
    find_url && return 0
    [ -z "${REDIS_URL-}" ] || say "no Redis answers at $(hide "$REDIS_URL"); a private one instead"
    one_at_a_time redis
    find_url && return 0
    "$deploy/packages.sh" redis
    mkdir -p "$data"
    chmod 700 "$data"
    redis-server --port 0 --unixsocket "$socket" --unixsocketperm 700 --dir "$data" \
        --appendonly yes --appendfsync everysec --maxmemory-policy noeviction --save '' \
        --daemonize yes --pidfile "$pidfile" --logfile "$log" 9>&- >/dev/null
    wait_for 20 answers "unix:$socket" || {
        tail -n 15 "$log" >&2
        die "the private Redis does not come up (whole log in $log)"
    }
    say "a private Redis runs at unix:$socket, its data in $data"
    echo "unix:$socket"
}

stop() {
    local pid count
    pid=$(cat "$pidfile" 2>/dev/null || true)
    runs "$pid" redis-server || return 0
    count=$(cli "unix:$socket" client list | grep '^id=' | grep -cv ' cmd=client' || true)
    if [ "$count" != 0 ] && [ "${1-}" != --force ]; then
        say "the private Redis goes on: $count connections to it are open (redis.sh stop --force)"
        return 0
    fi
    kill "$pid"
    wait_for 30 gone "$pid" || die "redis-server, pid $pid, does not end; see $log"
    say "the private Redis has stopped; its data stay in $data"
}
case ${1-} in
start) start ;;
url) find_url ;;
stop) stop "${2-}" ;;
*) die 'usage: redis.sh start|url|stop [--force]' ;;
esac
