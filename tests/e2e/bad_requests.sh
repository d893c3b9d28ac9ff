#!/bin/bash
# Whatever a client sends, the answer is a problem that names the field, and nothing else.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
start_redis
start_producer --body-limit 262144
wait_for 5 grep -q redis-ready "$work/producer.log"

# problem NAME STATUS TEXT CURL-ARGUMENT ...
problem() {
    local name=$1 status=$2 text=$3 got
    shift 3
    got=$(curl -s -m 10 -o "$work/body" -w '%{http_code} %{content_type}' "$@")
    if [ "$got" = "$status application/problem+json" ] && grep -qF -- "$text" "$work/body" &&
        grep -qF "\"status\":$status" "$work/body"; then
        ok "$name"
    else
        not_ok "$name: $got $(head -c 300 "$work/body")"
    fi
}
# refused NAME STATUS TEXT JSON: the same for a body
refused() {
    printf '%s' "$4" >"$work/request"
    problem "$1" "$2" "$3" -H 'Content-Type: application/json' --data-binary "@$work/request" \
        "$url/v1/jobs"
}

refused 'not JSON' 400 'invalid token' 'nope'
refused 'nothing at all' 400 '"pointer":""' ''
refused 'an array' 400 'must be an object' '[]'
refused 'a language that is no text' 400 '"/language"' '{"language": 5, "code": "x"}'
refused 'an unknown language' 400 "there is no 'cobol'" '{"language": "cobol", "code": "x"}'
refused 'no code' 400 '"/code"' '{"language": "python"}'
refused 'empty code' 400 '"/code"' '{"language": "python", "code": ""}'
refused 'code that is no text' 400 '"/code"' '{"language": "python", "code": ["x"]}'
refused 'an unknown field' 400 '"/cdoe"' '{"language": "python", "code": "x", "cdoe": "x"}'
refused 'the same field twice' 400 '"/code"' '{"language": "python", "code": "x", "code": "y"}'
for timeout in 0 -1 1.5 '"3"' null 1e999 99999999999999999999; do
    refused "timeoutMs $timeout" 400 '"/timeoutMs"' "{\"language\": \"python\", \"code\": \"x\", \"timeoutMs\": $timeout}"
done
refused 'timeoutMs over the maximum' 422 '"/timeoutMs"' '{"language": "python", "code": "x", "timeoutMs": 15001}'
refused 'priority -1' 400 '"/priority"' '{"language": "python", "code": "x", "priority": -1}'
refused 'priority 2097152' 422 '"/priority"' '{"language": "python", "code": "x", "priority": 2097152}'
refused 'a NUL in code' 400 '"/code"' '{"language": "python", "code": "a\u0000b"}'
refused 'a lone surrogate in code' 400 '"/code"' '{"language": "python", "code": "a\ud800b"}'
refused 'bytes that are not UTF-8' 400 '"/code"' $'{"language": "python", "code": "\xff"}'
refused 'limits over their maximum' 422 '"/limits/memoryMb"' '{"language": "python", "code": "x", "limits": {"memoryMb": 100000}}'
refused 'zero, which does not mean unlimited' 400 '"/limits/pids"' '{"language": "python", "code": "x", "limits": {"pids": 0}}'
refused 'nesting without end' 400 '32 levels' "$(printf '%0.s[' $(seq 5000))"
many=$(head -c 140000 /dev/zero | tr '\0' x)
refused 'code over its limit' 422 '"/code"' "{\"language\": \"python\", \"code\": \"$many\"}"
refused 'a body over the limit' 413 'larger' "{\"language\": \"python\", \"code\": \"$many$many\"}"

problem 'an unknown path' 404 '/nowhere' "$url/nowhere"
problem 'an unknown job' 404 '4711' "$url/v1/jobs/4711"
problem 'a key of the queue that is no job' 404 'meta' "$url/v1/jobs/meta"
problem 'an id with a colon' 400 '"/id"' "$url/v1/jobs/1:logs"
problem 'an id that climbs' 400 '"/id"' --path-as-is "$url/v1/jobs/../meta"
problem 'an id that climbs in disguise' 400 '"/id"' "$url/v1/jobs/..%2fmeta"
problem 'an id of 10 KB' 400 '"/id"' "$url/v1/jobs/$(head -c 10000 /dev/zero | tr '\0' x)"
problem 'a wrong method' 405 'POST' -X PUT "$url/v1/jobs"
check '... with an Allow' grep -qi '^Allow: POST' <(curl -si -X PUT "$url/v1/jobs")
problem 'a body that is no JSON by its type' 415 'application/json' -H 'Content-Type: text/plain' -d x "$url/v1/jobs"

# raw NAME STATUS BYTES: what no well-bred client sends; the connection is closed behind it
raw() {
    local got
    got=$(printf '%b' "$3" | timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'"${url##*:}"'; cat >&3; cat <&3')
    if [[ $got == "HTTP/1.1 $2 "* && $got == *application/problem+json* && $got != *HTML* ]]; then
        ok "$1"
    else
        not_ok "$1: ${got:0:300}"
    fi
}
raw 'garbage' 400 'GARBAGE\r\n\r\n'
raw 'no Host' 400 'GET /healthz HTTP/1.1\r\n\r\n'
raw 'two Hosts' 400 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
raw 'two Content-Lengths' 400 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'
raw 'a length and chunks' 400 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
raw 'an unknown Transfer-Encoding' 400 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nxx'
raw 'a negative length' 400 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n'
raw 'a blank before a colon' 400 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nabcde'
raw 'an unknown expectation' 417 'POST /v1/jobs HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\nx'
raw 'a head without end' 400 "GET /$(head -c 20000 /dev/zero | tr '\0' x) HTTP/1.1\r\nHost: a\r\n\r\n"
got=$(printf 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGARBAGE\r\n\r\n' | timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'"${url##*:}"'; cat >&3; cat <&3')
if [[ $got == *'{"status":"ok"}'*'HTTP/1.1 400 '*application/problem+json* && $got != *HTML* ]]; then
    ok 'garbage behind a good request'
else
    not_ok "garbage behind a good request: ${got:0:500}"
fi
got=$(printf 'HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n' | timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'"${url##*:}"'; cat >&3; timeout 1 cat <&3')
if [[ $got == 'HTTP/1.1 200 '*'Content-Length: 16'* && $got != *'"ok"'* ]]; then
    ok 'HEAD has the length, and no body'
else
    not_ok "HEAD has the length, and no body: ${got:0:500}"
fi
check 'HTTP/1.0 needs no Host' grep -q '200 OK' <(printf 'GET /healthz HTTP/1.0\r\n\r\n' |
    timeout 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/'"${url##*:}"'; cat >&3; cat <&3')
check 'the producer is as well as before' grep -q ok <(curl -s "$url/healthz")
check 'and has queued nothing' [ "$(redis exists "bull:$BULLPEN_QUEUE:id")" = 0 ]
