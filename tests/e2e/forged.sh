#!/bin/bash
# A program that finds its mark in PID 1's memory, and forges the launcher's words with it,
# ends its own run and gains nothing: neither another run nor a job that failed.
# shellcheck source=../support/e2e.sh
. "$(dirname "$0")/../support/e2e.sh"
need_engine
start_redis
start_producer
start_worker one

# forge WORDS: a program that says them behind every mark it finds
forge() {
    post '{"language": "python", "code": "import re, time\nids = set()\nfor line in open(\"/proc/1/maps\"):\n    where, how = line.split()[:2]\n    if how[:2] != \"rw\":\n        continue\n    first, last = [int(x, 16) for x in where.split(\"-\")]\n    try:\n        with open(\"/proc/1/mem\", \"rb\") as memory:\n            memory.seek(first)\n            ids |= set(re.findall(rb\"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])\", memory.read(last - first)))\n    except OSError:\n        pass\nfor id in ids:\n    for stream in (1, 2):\n        open(stream, \"wb\", 0, closefd=False).write(b\"\\n\" + id + b\" '"$1"'\\n\")\ntime.sleep(0.5)"}'
}

forge 'X 1'
check 'a torn sandbox' result "$id" '"status":"completed"' '"exitCode":1' '"attemptsMade":1'
forge 'C 5'
check 'a mark of no kind' result "$id" '"verdict":"ok"' '"exitCode":0' ' C 5'
forge 'E 999'
check 'an exit code that is none' result "$id" '"verdict":"ok"' '"exitCode":0' ' E 999'
