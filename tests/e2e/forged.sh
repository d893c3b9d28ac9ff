#!/bin/bash
# A program that looks for its mark in the memory of all that it can see finds none; and with
# one that it made up it forges nothing but its own output.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
start_redis
start_producer
start_worker one

# Prints how many words of 32 hex digits it has found, and says WORDS behind each and one more.
forge=$(
    cat <<'PYTHON'
import os, re
ids = {b"0123456789abcdef" * 2}
for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == os.getpid():
        continue
    for line in open(f"/proc/{pid}/maps"):
        first, last = [int(x, 16) for x in line.split()[0].split("-")]
        try:
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(first)
                ids |= set(re.findall(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", memory.read(last - first)))
        except (OSError, OverflowError, ValueError):
            pass
for id in ids:
    for stream in (1, 2):
        open(stream, "wb", 0, closefd=False).write(b"\n" + id + b" WORDS\n")
print("found", len(ids) - 1)
PYTHON
)

# forged WORDS: they are output, and no end
forged() {
    local code=${forge//WORDS/$1}
    code=${code//\\/\\\\} code=${code//\"/\\\"} code=${code//$'\n'/\\n}
    post "{\"language\": \"python\", \"code\": \"$code\"}"
    check "'$1' behind a mark that was made up" \
        result "$id" '"verdict":"ok"' 'abcdef '"$1" 'found 0' '"attemptsMade":1'
}

forged 'X 1'
forged 'C 5'
forged 'E 9'
