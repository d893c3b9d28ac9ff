#!/bin/bash
# SIGHUP: the producer reads its languages again. A good set takes the place of the old one,
# a broken one changes nothing and is told with the place of its mistakes.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
mkdir "$work/languages"
cp "$BULLPEN_LANGUAGES/python.yaml" "$work/languages"
export BULLPEN_LANGUAGES=$work/languages
start_redis
start_producer
wait_for 5 grep -q redis-ready "$work/producer.log"

# language ID TEXT: what GET says of it
language() { [[ $(curl -s -m 10 "$url/v1/languages/$1") == *"$2"* ]]; }
# reloads COUNT: so many lines of it are in the log
reloads() { [ "$(grep -c event=reload "$work/producer.log")" -eq "$1" ]; }
reload() {
    kill -HUP "$producer"
    wait_for 5 reloads "$1"
}

cat >"$work/new.yaml" <<'YAML'
id: new
name: New
aliases: [nu]
versions:
  - {version: "1", image: "new:1"}
  - {version: "2", image: "new:2", default: true}
source: {file: main.new}
compile: {argv: [newc, "{sources}"], artifacts: [prog], limits: {timeoutMs: {max: 20000}}}
run: {argv: [./prog]}
limits: {memoryMb: {min: 64}}
template: |
  begin
YAML

check 'a language that has no file is not there' language new '"status":404'
cp "$work/new.yaml" "$work/languages"
check 'a file alone changes nothing' language new '"status":404'
check 'a good folder is read again' reload 1
check 'and says how many there are' grep -q 'event=reload languages=2' "$work/producer.log"
check 'the new language is there' language nu '"id":"new","name":"New","version":"2"'
check 'of which nobody has said anything' language nu '"state":"unknown","workers":0'
check 'with its versions' language new '{"version":"1","image":"new:1","default":false}'
check 'with its floor' language new '"memoryMb":{"min":64,"default":128,"max":512}'
check 'with the clock of its compiler' language new '"compileTimeoutMs":{"min":1,"default":10000,"max":20000}'
check 'as a compiled one' language new '"compiled":true,"template":"begin\n"'
check 'python is not' language python '"compiled":false'
post '{"language": "new", "code": "x", "version": "1", "tests": [{"expected": "1"}], "limits": {"compileTimeoutMs": 20000}}'
check 'a job of it is taken' [ -n "$id" ]
post '{"language": "new", "code": "x", "limits": {"memoryMb": 63}}'
check 'not one with less than its floor' grep -qF 'must be at least 64: New does not start with less' <<<"$reply"
post '{"language": "new", "code": "x", "version": "3"}'
check 'nor one of another version' grep -qF "there is no '3' of new; there are 1, 2" <<<"$reply"

sed -e 's/id: new/id: broken/' -e 's/nu/python/' -e 's/{memoryMb/{memory/' "$work/new.yaml" >"$work/languages/broken.yaml"
check 'a broken folder is refused' reload 2
check 'with the place of each mistake' grep -qF "mistake=\"python.yaml:1:5: /id: 'python' is a name of broken already" "$work/producer.log"
check 'all of them' grep -qF 'mistake="broken.yaml:10:10: /limits/memory: unknown field' "$work/producer.log"
check 'the old set stays' grep -q 'event=reload error=.*languages=2 note="those of before stay"' "$work/producer.log"
check 'and serves' language new '"id":"new"'
check 'without the broken one' language broken '"status":404'

rm "$work/languages/broken.yaml" "$work/languages/new.yaml"
check 'the mended folder is read again' reload 3
check 'what has no file any more is gone' language new '"status":404'
check 'the rest is there' language py '"id":"python"'

mv "$work/languages" "$work/elsewhere"
check 'a folder that is gone is refused' reload 4
check 'and changes nothing either' language py '"id":"python"'

redis HSET "bull:$BULLPEN_QUEUE:bullpen:languages" w1 "{\"at\":$(date +%s%3N),\"validMs\":60000,\"languages\":{\"python\":{\"state\":\"ready\"}}}" >/dev/null
check 'what a worker says is told' language py '"state":"ready","workers":1'
stop_redis
check 'without Redis nobody says anything, and the rest is told' wait_for 5 language py '"state":"unknown","workers":0'
