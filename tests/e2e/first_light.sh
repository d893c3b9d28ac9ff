#!/bin/bash
# A posted snippet runs in a container and its result comes back; the README's examples.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
start_redis
start_producer
start_worker w1

ready() { [ "$(curl -s -o /dev/null -w '%{http_code}' "$url/readyz")" = 200 ]; }
check 'the producer is ready' wait_for 5 ready
BULLPEN_URL=$url "$root/deploy/smoke.sh" | grep -E '^(not )?ok ' || not_ok 'smoke'
[ "${PIPESTATUS[0]}" -eq 0 ] || failed=1

post '{"language": "bash", "code": "cat; echo \"[$1][$2]\"", "stdin": "in\n", "args": ["a'"'"'b", "$(id) \\"]}'
check 'stdin and arguments arrive as they were' result "$id" "\"stdout\":\"in\\n[a'b][\$(id) \\\\]\\n\""
post '{"language": "python", "code": "from lib.a import x\nprint(x, open(\"b\", \"rb\").read())", "files":
    [{"name": "lib/a.py", "content": "x = 7"}, {"name": "b", "content": "AP8=", "encoding": "base64"}]}'
check 'files lie beside the code' result "$id" '"stdout":"7 b'"'"'\\x00\\xff'"'"'\n"'
post '{"language": "python", "code": "import sys; sys.stderr.write(\"bad\\n\"); sys.exit(3)"}'
check 'a failing program is a result' result "$id" '"status":"completed"' '"error":"bad"' '"exitCode":3'
post '{"language": "bash", "code": ":(){ :|:& };:"}'
check 'a fork bomb is named' result "$id" 'Process Limit Exceeded (fork bomb detected)'
post '{"language": "python", "code": "x = []\nwhile True: x.append(\"a\" * 1000000)"}'
check 'too much memory is named' result "$id" 'Memory Limit Exceeded (program used too much memory)' '"exitCode":137'
post '{"language": "bash", "code": "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done"}'
check 'endless output is cut and named' result "$id" '"truncated":true' 'Output Limit Exceeded'
post '{"language": "bash", "code": "touch /x; echo $?; id -u; cat /proc/net/dev | grep -c eth; exit 0"}'
check 'root is read-only, the user nobody, the network away' result "$id" '"stdout":"1\n65534\n0\n"'
post '{"language": "python", "code": "print(1)", "priority": 5, "metadata": {"who": "me"}}'
check 'metadata comes back' result "$id" '"metadata":{"who":"me"}'

kill -TERM "$worker"
wait "$worker"
check 'an idle worker ends well' [ $? -eq 0 ]
no_containers() { [ -z "$(containers)" ]; }
check 'no container is left' wait_for 10 no_containers
kill -TERM "$producer"
wait "$producer"
check 'the producer ends well' [ $? -eq 0 ]
