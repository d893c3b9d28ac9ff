#!/bin/bash
# The operator's tool for languages: what it says of good and broken folders, what it does about
# images, and whether its test tells a language that works from one that does not.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
tag=bullpen-test/tool-$$
trap 'docker rmi -f "$tag:1" >/dev/null 2>&1; finish' EXIT

folder=$work/languages contexts=$work/contexts
mkdir -p "$folder" "$contexts/tiny"

# language EXPECTED: a language of one file, with one self-test that expects this output
language() {
    cat >"$folder/tiny.yaml" <<YAML
id: tiny
name: Tiny
aliases: [wee]
versions: [{version: "1", image: "$tag:1", default: true}]
standin: {version: "1", image: "$tag:1"}
source: {file: main.sh}
run: {argv: [sh, main.sh]}
selftest: [{name: hello, code: "cat /greeting", expect: {output: $1}}]
YAML
}

# says STATUS TEXT COMMAND ...: `bullpen lang COMMAND` ends so, and says the text
says() {
    local wanted=$1 text=$2 status
    shift 2
    timeout 60 "$build/bullpen" lang "$@" --languages "$folder" \
        --images "${images:-pinned}" --contexts "$contexts" >"$work/out.log" 2>&1 </dev/null
    status=$?
    [ $status -eq "$wanted" ] && grep -qF -- "$text" "$work/out.log" && return
    echo "# status $status, $(head -c 600 "$work/out.log")"
    return 1
}

language hi
check 'list has a line for each version' says 0 "tiny  Tiny  1        $tag:1  wee" list
check 'list answers programs, too' says 0 '"id": "tiny"' list --json
check 'show takes an alias' says 0 '"name": "Tiny"' show wee
check 'one that has no JSON to tell says so' says 2 '--json' check --json
check 'check finds nothing wrong' says 0 '1 language in ' check
check 'a command that is not there' says 2 "there is no command 'lsit'" lsit
check 'a language that is not there' says 2 'there is no language klingon' test klingon

printf 'id: Tiny\nname: [\n' >"$folder/broken.yaml"
printf 'id: tiny\nversions: []\nrum: {}\n' >"$folder/twice.yaml"
check 'check says what is wrong where' says 1 "$folder/broken.yaml:3:1: " check
check 'and all of it' grep -qF "$folder/twice.yaml:3:1: " "$work/out.log"
check 'no other command goes on' says 1 "$folder/twice.yaml:2:11: " list
check 'check of another folder' says 0 '14 languages in ' check "$BULLPEN_LANGUAGES"
rm "$folder/broken.yaml" "$folder/twice.yaml"
check 'check of a folder without any' says 1 'no *.yaml' check "$contexts"

check 'test says that the image is missing' says 1 'image' test
check 'an image that is not here is not locked' says 1 'nothing is written' lock
check 'and nothing is' [ ! -e "$folder/languages.lock" ]

image=$("$build/bullpen" lang show bash | sed -n 's/^  "image": "\(.*\)",$/\1/p')
echo 'what the image brings' >"$contexts/tiny/greeting"
printf 'FROM %s\nCOPY greeting /greeting\n' "$image" >"$contexts/tiny/Dockerfile"
check 'build makes the image' says 0 "$tag:1 is built" build
check 'pull leaves it alone' says 0 "$tag:1 is here" pull tiny
check 'one that was made here has no digest' says 0 'it has no digest' lock
check 'the lock is one that can be read' says 0 '1 language in ' check

digest=sha256:$(printf '%064d' 7)
echo "\"$tag:1\": \"$digest\"" >"$folder/languages.lock"
sed 's/^id: tiny/id: small/; s/wee/little/' "$folder/tiny.yaml" >"$folder/small.yaml"
check 'a digest stays where there is no other, of languages that share it' says 0 '' lock
check 'and can be read' says 0 "@$digest" list
images=standin check 'stand-ins are not locked' says 2 'stand-ins' lock
images=standin check 'nor built' says 2 'stand-ins' build
check 'and nothing is lost' grep -qF "$digest" "$folder/languages.lock"
rm "$folder/small.yaml" "$folder/languages.lock"
printf 'FROM %s\nRUN exit 3\n' "$image" >"$contexts/tiny/Dockerfile"
check 'a build that fails says so' says 1 'returned a non-zero code: 3' build

language "'what the image brings'"
check 'test finds that it works' says 0 '1 of 1 languages work' test
language hi
check 'test finds that it does not' says 1 "output is 'what the image brings', not 'hi'" test
