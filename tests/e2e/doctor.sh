#!/bin/bash
# The doctor finds nothing to mend where all is well, and says what is wrong where it is not.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
start_redis

# says STATUS TEXT [FLAG ...]: `bullpen doctor` ends so, and says the text
says() {
    local wanted=$1 text=$2 status
    shift 2
    timeout 60 "$build/bullpen" doctor --redis "unix:$work/redis.sock" --languages "$work/languages" \
        "$@" >"$work/out.log" 2>&1 </dev/null
    status=$?
    [ $status -eq "$wanted" ] && grep -qE -- "$text" "$work/out.log" && return
    echo "# status $status, $(head -c 800 "$work/out.log")"
    return 1
}

mkdir "$work/languages"
cp "$root/lang-registry/languages/bash.yaml" "$work/languages"
check 'a machine where all is well' says 0 '^ok +sandbox +bash: works'
check 'and all was looked at' [ "$(grep -cE '^(ok|note) +(languages|redis|engine|images|sandbox) ' "$work/out.log")" -ge 5 ]

redis config set appendonly no >/dev/null
redis config set maxmemory-policy allkeys-lru >/dev/null
check 'a Redis that forgets' says 0 '^note +redis +appendonly is off'
check 'a Redis that may throw jobs away' grep -qE '^note +redis +maxmemory-policy is allkeys-lru' "$work/out.log"
redis config set maxmemory 100mb >/dev/null
check 'a Redis that will' says 1 '^bad +redis +maxmemory-policy is allkeys-lru'
redis config set maxmemory 0 >/dev/null
redis replicaof 127.0.0.1 1 >/dev/null
check 'a Redis that is a replica' says 1 '^bad +redis .* is a replica'
check 'a Redis that is away' says 1 '^bad +redis .*No such file' --redis "unix:$work/nowhere.sock"
redis replicaof no one >/dev/null

check 'an engine that is away' says 1 "^bad +engine .*$work/nowhere.sock" --docker "unix://$work/nowhere.sock"
sed 's/bash:5/nobody-has-this:5/' "$work/languages/bash.yaml" >"$work/b.yaml"
mv "$work/b.yaml" "$work/languages/bash.yaml"
check 'an image that is not there' says 1 '^bad +images +bash .*nobody-has-this'
echo 'no: no' >"$work/languages/x.yaml"
check 'a language with a mistake' says 1 '^bad +languages +x.yaml:1:1: '
check 'a flag that is not there' says 2 '--nope' --nope
