#!/bin/bash
# lint.sh BUILD -- luacheck over the flattened commands, shellcheck over the scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
flat=$(mktemp -d)
trap 'rm -rf "$flat"' EXIT
for file in lua/*-*.lua; do
    "$1/flatten" "$file" >"$flat/$(basename "$file")"
done
luacheck --quiet --config .luacheckrc "$flat" tests/interop/*.lua
shellcheck deploy/*.sh deploy/standin/* deploy/images/go/go-* bench/*.sh tests/*.sh tests/*/*.sh .ci/run
shellcheck --shell=sh worker/launcher.sh queue/scripts.sh
