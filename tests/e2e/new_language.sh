#!/bin/bash
# A language comes into a running system as one file; a broken one changes nothing, and what
# runs meanwhile ends well. Self-tests, and what workers report of them.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
export BULLPEN_SELFTEST=yes BULLPEN_LANGUAGES=$work/languages
mkdir "$work/languages"
cp "$root/lang-registry/languages/bash.yaml" "$work/languages"
image=$("$build/bullpen" lang show bash | sed -n 's/^  "image": "\(.*\)",$/\1/p')

# write ID IMAGE OUTPUT: a language whose self-test expects that
write() {
    cat >"$work/languages/$1.yaml" <<YAML
id: $1
name: Awk
versions: [{version: "1", image: "$2", default: true}]
standin: {version: "1", image: "$2"}
source: {file: main.awk}
run: {argv: [awk, -f, main.awk]}
limits: {memoryMb: {default: 77}}
pool: 1
selftest: [{name: hello, code: "BEGIN { print 6 * 7 }", expect: {output: "$3"}}]
YAML
}

# language ID TEXT: what GET says of it
language() { [[ $(curl -s -m 10 "$url/v1/languages/$1") == *"$2"* ]]; }
# says COUNT TEXT: so many lines of the worker's log have it
says() { [ "$(grep -cF "$2" "$work/w1.log")" -eq "$1" ]; }
# The tool tells whoever has this folder, and nobody else of this machine.
reload() { "$build/bullpen" lang reload >"$work/reload.log" && [ "$(wc -l <"$work/reload.log")" -eq 2 ]; }
refuses() { ! "$build/bullpen" lang reload 2>"$work/reload.log"; }
# Both programs are told by a signal.
told() { kill -HUP "$worker" "$producer"; }
# kept: a sandbox of awk's kind that has no job, and is not of a self-test
kept() {
    containers | xargs -r docker inspect -f '{{.HostConfig.Memory}} {{index .Config.Labels "bullpen.job"}}.' |
        grep -qx "$((77 << 20)) ."
}
testing() { containers | xargs -r docker inspect -f '{{index .Config.Labels "bullpen.job"}}' | grep -q ^selftest:; }
no_containers() { [ -z "$(containers)" ]; }

start_redis
start_producer
wait_for 10 grep -q redis-ready "$work/producer.log"
check 'nobody has said anything of a language' language bash '"state":"unknown","workers":0'
start_worker w1 --concurrency 2 --grace 5000
check 'a worker tests it' wait_for 10 language bash '"state":"testing","workers":0'
check 'and says that it is ready' wait_for 60 language bash '"state":"ready","workers":1'
check 'and that all are' says 1 'event=languages ready=1 of=1'

post '{"language": "bash", "code": "sleep 11; echo kept", "timeoutMs": 15000}'
slow=$id
wait_for 10 is running "$slow"
write awk "$image" 42
post '{"language": "awk", "code": "BEGIN { print 1 }"}'
check 'a file alone changes nothing' grep -q "there is no 'awk'" <<<"$reply"
check 'bullpen lang reload tells them' reload
check 'the worker takes it' wait_for 20 says 1 'event=reload languages=2'
check 'while a job runs' is running "$slow"
check 'the producer, too' grep -q 'event=reload languages=2' "$work/producer.log"
check 'and it is ready' wait_for 10 language awk '"state":"ready","workers":1'
check 'a sandbox is kept for it' wait_for 10 kept
post '{"language": "awk", "code": "{ print $2 }", "stdin": "a b\n"}'
check 'a job in it completes' result "$id" '"output":"b"' '"language":"awk"'

printf 'id: broken\nname: [x\n' >"$work/languages/broken.yaml"
check 'bullpen lang reload refuses a broken file' refuses
told
check 'so does the worker' wait_for 10 says 1 'event=reload-refused'
check 'and says where it is broken' says 1 'mistake="broken.yaml:3:1: '
check 'the producer, too' grep -qF 'mistake="broken.yaml:3:1: ' "$work/producer.log"
post '{"language": "awk", "code": "BEGIN { print 2 }"}'
check 'the new language works as before' result "$id" '"output":"2"'
post '{"language": "bash", "code": "echo 3"}'
check 'the old one, too' result "$id" '"output":"3"'
check 'a job that ran meanwhile ends well' result "$slow" '"output":"kept"' '"attemptsMade":1'
rm "$work/languages/broken.yaml"

write ghost bullpen-test/nowhere:1 42
told
check 'an image that is not there is refused' wait_for 20 says 1 'event=reload-refused id=ghost state=missing-image image=bullpen-test/nowhere:1'
post '{"language": "ghost", "code": "x"}'
check 'a job that only the producer knows to ask for fails at once' result "$id" '"status":"failed"' "there is no 'ghost'; there are awk, bash"
rm "$work/languages/ghost.yaml"
write awk "$image" 43
told
check 'a change whose self-test fails is refused' wait_for 20 says 1 "event=reload-refused id=awk state=failed-selftest image=$image why=\"hello: output is '42', not '43'\""
post '{"language": "awk", "code": "BEGIN { print 4 }"}'
check 'and the language works as before' result "$id" '"output":"4"'
check 'it is still ready' language awk '"state":"ready","workers":1'

w1=$worker
start_worker w2 --grace 5000
check 'another worker reports what it finds itself' wait_for 60 grep -qF 'event=languages ready=1 of=2' "$work/w2.log"
check 'beside the first' language bash '"workers":2'
kill -TERM "$w1"
wait "$w1"
check 'which ends well' [ $? -eq 0 ]
check 'and takes back what it said' language awk '"state":"failed-selftest","workers":0'
post '{"language": "awk", "code": "BEGIN { print 5 }"}'
check 'a self-test that fails keeps no job away' result "$id" '"output":"5"' '"worker":"w2"'
kill -TERM "$worker"
wait "$worker"
check 'with the last worker gone nobody says anything' language bash '"state":"unknown","workers":0'
check 'no container is left' wait_for 10 no_containers

start_worker w3
wait_for 10 testing || not_ok 'there is no self-test'
began=$SECONDS
kill -TERM "$worker"
wait "$worker"
check 'one that stops during its self-tests does not wait for them' [ "$? $((SECONDS - began <= 5))" = '0 1' ]
check 'and leaves no container of theirs' no_containers

start_worker w4 --runner noop
kill -HUP "$worker"
check 'a worker that runs nothing reads the folder, too' wait_for 10 grep -q 'event=reload languages=2' "$work/w4.log"
kill -TERM "$worker"
wait "$worker"
check 'and ends well' [ $? -eq 0 ]
