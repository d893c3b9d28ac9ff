#!/bin/bash
# run.sh BUILD [SUITE ...] -- run the test suites and add them up.
#
# A suite's every test is a line of TAP: "ok ...", "not ok ...", or with "# SKIP" behind it.
# cmocka, node and the e2e scripts all speak it. A suite that dies without saying why counts
# as one failure. Output goes to BUILD/test-logs; of failures, to the screen as well.
# The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.." || exit
build=$1
shift
logs=$build/test-logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

# suite NAME COMMAND ... -- run it, count its lines
suite() {
    local name=$1 log=$logs/$1.log start=$SECONDS ok bad skip status
    shift
    CMOCKA_MESSAGE_OUTPUT=TAP timeout --kill-after=10 "${SUITE_SECONDS:-900}" "$@" \
        >"$log" 2>&1 </dev/null
    status=$?
    skip=$(grep -cE '^ *ok .*# SKIP' "$log")
    ok=$(($(grep -cE '^ *ok ' "$log") - skip))
    bad=$(grep -cE '^ *not ok ' "$log")
    if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
        echo "not ok - $name ended with status $status" >>"$log"
    fi
    if [ "$bad" -ne 0 ] || [ $((ok + skip)) -eq 0 ]; then
        [ "$bad" -ne 0 ] || { bad=1; echo "not ok - $name ran no test" >>"$log"; }
        tail -n 60 "$log" | sed "s/^/  $name| /"
    fi
    printf '%-28s %4d passed %3d failed %3d skipped %4d s\n' "$name" "$ok" "$bad" "$skip" \
        $((SECONDS - start))
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

wanted() { [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $1 "* ]]; }
only=("$@")
export BUILD=$build BULLPEN_BUILD=$PWD/$build

if wanted unit; then
    for source in tests/unit/test_*.c; do
        name=$(basename "$source" .c)
        suite "unit-${name#test_}" "$build/tests/$name"
    done
fi
if wanted integration; then
    for source in tests/integration/test_*.c; do
        [ -e "$source" ] || continue
        name=$(basename "$source" .c)
        suite "integration-${name#test_}" "$build/tests/$name"
    done
fi
if wanted fuzz; then
    for source in tests/fuzz/fuzz_*.c; do
        name=$(basename "$source" .c)
        suite "fuzz-${name#fuzz_}" env FUZZ_SEED=1 \
            tests/fuzz/run.sh "$build" "${FUZZ_SECONDS:-5}" "$name"
    done
fi
if wanted interop; then
    for file in tests/interop/*.test.mjs; do
        suite "interop-$(basename "$file" .test.mjs)" node --test --test-reporter=tap "$file"
    done
fi
if wanted e2e; then
    for script in tests/e2e/*.sh; do
        suite "e2e-$(basename "$script" .sh)" "$script"
    done
fi
if wanted abuse; then
    export ABUSE_ROUNDS=${ABUSE_ROUNDS:-1} ABUSE_AT_ONCE=${ABUSE_AT_ONCE:-4}
    abuse=(node --test --test-reporter=tap tests/abuse/abuse.test.mjs)
    suite abuse-cold env BULLPEN_WARM=0 "${abuse[@]}"
    suite abuse-warm "${abuse[@]}"
    suite abuse-killed node --test --test-reporter=tap tests/abuse/killed.test.mjs
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
