#!/bin/bash
# smoke.sh -- the README's examples against a running Bullpen, with their answers checked.
#
#   BULLPEN_URL=http://127.0.0.1:3001 smoke.sh
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

url=${BULLPEN_URL:-http://127.0.0.1:3001}
passed=0 failed=0

# post LANGUAGE CODE: the answer's body, then a line with its status and content type
post() {
    curl -sS -m 10 -w '\n%{http_code} %{content_type}\n' -H 'Content-Type: application/json' \
        -d "{\"language\": \"$1\", \"code\": \"$2\"}" "$url/v1/jobs"
}

# field NAME: a number or a text without quotes in it, out of JSON on one line
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }

# settled ID: is the job over? Leaves its last answer in `answer`.
settled() {
    answer=$(curl -sS -m 10 "$url/v1/jobs/$1")
    case $(field status <<<"$answer") in
    completed | failed) ;;
    *) return 1 ;;
    esac
}

# run LANGUAGE CODE: submit, wait for the end; `answer` is the result, or what went wrong
run() {
    local id
    answer=$(post "$1" "$2") || return 0
    id=$(field jobId <<<"$answer")
    [[ $answer == *$'\n'202\ * ]] && [[ $answer == *'"queued"'* ]] && [ -n "$id" ] || return 0
    wait_for 30 settled "$id" || answer="still not over after 30 s: $answer"
}

# check NAME PATTERN...: every pattern (extended regular expressions) is in `answer`
check() {
    local name=$1 pattern
    shift
    for pattern; do
        grep -qE -- "$pattern" <<<"$answer" && continue
        echo "not ok - $name: no $pattern in: $answer"
        failed=$((failed + 1))
        return
    done
    echo "ok - $name"
    passed=$((passed + 1))
}

"$deploy/packages.sh" curl
curl -sS -m 5 -o /dev/null "$url/healthz" ||
    die "nobody answers at $url; start Bullpen first (make run), or set BULLPEN_URL"

ok=('"status": *"completed"' '"output": *"4"' '"exitCode": *0')
run python 'print(2 + 2)'
check 'python prints 4' "${ok[@]}"
run javascript 'console.log(2 + 2)'
check 'javascript prints 4' "${ok[@]}"
run bash 'echo $((2 + 2))'
check 'bash prints 4' "${ok[@]}"

run python 'while True: pass'
check 'an endless loop is stopped' '"status": *"completed"' '"exitCode": *124' \
    '"error": *"Time Limit Exceeded \(program ran too long\)"'
check 'after about three seconds' '"durationMs": *[34][0-9]{3},'

run bash 'exit 7'
check 'an exit code is handed on' '"status": *"completed"' '"exitCode": *7'

answer=$(post klingon 'nuqneH' || true)
check 'an unknown language is refused' '^4[0-9][0-9] application/problem\+json'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
