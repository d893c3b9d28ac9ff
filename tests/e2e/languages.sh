#!/bin/bash
# languages.sh [LANGUAGE ...] -- each self-test in the languages' files is a test here, in real
# sandboxes: of the languages named, or of those in deploy/languages. Says what is a stand-in.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
[ $# -gt 0 ] || read -ra languages <"$root/deploy/languages"
languages=("$@" "${languages[@]}")
need_engine "${languages[@]}"

timeout 600 "$build/bullpen" lang test "${languages[@]}" >"$work/tests" 2>"$work/lang.log" </dev/null
status=$?
sed -nE -e '/^[^ ]/{s/^/# /p;d}' -e 's/^  ok +(.*[^ ]) +[0-9]+ ms$/ok - \1/p' -e 's/^  failed +(.*)/not ok - \1/p' "$work/tests"
works() { [ $status = 0 ] && grep -qx "${#languages[@]} of ${#languages[@]} languages work" "$work/tests"; }
check 'all of them work' works
