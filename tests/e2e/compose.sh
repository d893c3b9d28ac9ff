#!/bin/bash
# compose.sh -- compose.yaml as it stands: build, four workers, forty jobs, all of them done.
#
# With `docker compose`, or docker-compose of Debian, against the engine of engine.sh. Where no
# registry answers, the images to build upon are made from Debian's packages.
set -euo pipefail
# shellcheck source=../../deploy/lib.sh
. "$(dirname "$0")/../../deploy/lib.sh"

jobs=40 workers=4
export BULLPEN_SELFTEST=no # four workers would be long at it
project=bullpen-e2e-$$
work=$(mktemp -d)
passed=0 failed=0

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@"; then
        echo "ok - $name"
        passed=$((passed + 1))
    else
        echo "not ok - $name"
        failed=$((failed + 1))
        return 1
    fi
}

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose -p "$project" -f "$root/compose.yaml" "$@"
    else
        # 1.29 builds by the engine's own builder: a newer docker command would want buildx.
        COMPOSE_DOCKER_CLI_BUILD=0 docker-compose -p "$project" -f "$root/compose.yaml" "$@"
    fi
}

finish() {
    local code=$?
    [ "$code" = 0 ] || compose logs --no-color --tail 20 2>&1 | tail -n 80 >&2 || true
    compose down -v --rmi local --remove-orphans >"$work/down" 2>&1 || cat "$work/down" >&2
    docker container prune -f --filter label=bullpen.stage >/dev/null 2>&1 || true
    docker image prune -f --filter label=bullpen.stage >/dev/null 2>&1 || true
    rm -rf "$work"
}

# shellcheck disable=SC2016
sources() {
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' | sort -u
}

# A Debian that can install packages inside `docker build` as this machine can outside: from
# the same places and with the same manners of fetching.
debian_image() {
    local image=$1
    ! docker image inspect "$image" >/dev/null 2>&1 || return 0
    [ -n "$(sources)" ] || apt-get -q update >/dev/null
    sources >"$work/sources.list"
    apt-config dump | grep -E '^Acquire::(Check|Retries|Proxy|http|https|ftp)' >"$work/apt.conf" || true
    say "making $image from Debian's packages"
    mmdebstrap --quiet --variant=apt --aptopt="$work/apt.conf" "$(. /etc/os-release && echo "$VERSION_CODENAME")" \
        - "$work/sources.list" 2>"$work/log" | docker import - "$image" >/dev/null ||
        { cat "$work/log" >&2; die "mmdebstrap could not make $image"; }
}

# Compose fetches what the languages name; a new language or version goes in there, too.
fetches_all() {
    local file image
    for file in "$root"/lang-registry/languages/*.yaml; do
        for image in $(images_in versions "$file"); do
            grep -qF -- ":-$image}" "$root/compose.yaml" || { say "compose.yaml does not fetch $image"; return 1; }
        done
    done
}

# What compose.yaml lets one set, for this machine.
choose_images() {
    local file language image
    # shellcheck disable=SC2046
    BULLPEN_IMAGES=$("$deploy/images.sh" $(<"$root/deploy/languages") | sed -n '$s/.*=//p')
    [ "$BULLPEN_IMAGES" = standin ] || return 0
    export BULLPEN_IMAGES BULLPEN_IMAGES_CONTEXT=$work/images
    # Compose builds ours; here that is to call a stand-in by its own name. It wants a folder
    # also of those that it does not build.
    for file in "$root"/lang-registry/languages/*.yaml; do
        language=$(basename "$file" .yaml)
        image=$(images_in standin "$file")
        export "BULLPEN_${language^^}_IMAGE=$image"
        mkdir -p "$work/images/$language"
        echo "FROM $image" >"$work/images/$language/Dockerfile"
    done
    export BULLPEN_BASE_IMAGE=bullpen-standin/debian:12 BULLPEN_BUILD_NETWORK=host
    export BULLPEN_REDIS_IMAGE=bullpen-standin/redis:7.0-debian12
    debian_image "$BULLPEN_BASE_IMAGE"
    "$deploy/standin.sh" redis "$BULLPEN_REDIS_IMAGE"
}

free_port() {
    local port
    for port in $(shuf -i 20000-30000 -n 20); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
    done
}

ready() { [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "$url/readyz")" = 200 ]; }
up() { compose up -d --build --scale "worker=$1" >"$work/up" 2>&1 || { tail -n 40 "$work/up" >&2; return 1; }; }
containers() { [ "$(docker ps -q -f "label=com.docker.compose.project=$project" -f label=com.docker.compose.service=worker | wc -l)" = "$1" ]; }

post() {
    local i
    for i in $(seq "$jobs"); do
        curl -fsS -m 10 "$url/v1/jobs" -H 'Content-Type: application/json' \
            -d "{\"language\": \"bash\", \"code\": \"sleep 0.2; echo $i\"}"
        echo
    done | sed -n 's/.*"jobId": *"\([^"]*\)".*/\1/p' >"$work/ids"
    [ "$(grep -c . "$work/ids")" = "$jobs" ]
}

# Every job's last answer, one a line; true when each has come to its end.
collect() {
    local id
    while read -r id; do
        curl -fsS -m 10 "$url/v1/jobs/$id"
        echo
    done <"$work/ids" >"$work/answers"
    [ "$(grep -cE '"status": *"(completed|failed)"' "$work/answers")" = "$jobs" ]
}
right() {
    [ "$(grep -cE '"status": *"completed"' "$work/answers")" = "$jobs" ] &&
        diff <(sed -n 's/.*"output": *"\([0-9]*\)".*/\1/p' "$work/answers") <(seq "$jobs")
}
shared() { [ "$(sed -n 's/.*"worker": *"\([^"]*\)".*/\1/p' "$work/answers" | sort -u | wc -l)" -gt 1 ]; }

# A worker in a container of its own still sees what the kernel counted for its jobs.
counted() { [ "$(grep -cE '"memoryBytes": *[1-9]' "$work/answers")" = "$jobs" ]; }

# The operator's tool is in the images, and knows where the queue is.
seen() { [ "$(compose exec -T producer bullpen queue workers --json | grep -c '"name"')" = "$workers" ]; }

# What does not come up needs no further questions.
come_up_and_work() {
    check 'one command builds and starts it' up 1 &&
        check 'the producer is ready' wait_for 60 ready &&
        check 'workers are added while it runs' up "$workers" &&
        check "there are $workers workers" wait_for 30 containers "$workers" &&
        check "the operator's tool sees them" seen &&
        check "$jobs jobs are accepted" post &&
        check 'all of them come to an end' wait_for 120 collect &&
        check 'with the right output, in order' right &&
        check 'more than one worker had a part in it' shared &&
        check 'with what each of them used' counted
}

# An engine and Compose, or nothing to test here; in CI that is a failure.
prepare() {
    "$deploy/packages.sh" curl docker-cli &&
        { docker compose version >/dev/null 2>&1 || "$deploy/packages.sh" compose; } &&
        socket=$("$deploy/engine.sh" start)
}

prepare || {
    [ -z "${CI-}" ] || die 'no engine or no Compose, and in CI there has to be'
    echo 'ok - compose # SKIP no engine or no Compose'
    exit 0
}
export DOCKER_HOST=unix://$socket DOCKER_SOCKET=$socket DOCKER_BUILDKIT=0
PORT=$(free_port)
export PORT
url=http://127.0.0.1:$PORT
trap finish EXIT
choose_images

check 'it fetches the image of every language' fetches_all || true
come_up_and_work || true
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
