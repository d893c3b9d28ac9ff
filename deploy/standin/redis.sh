# shellcheck shell=bash disable=SC2034
# No language: the queue's Redis, for compose.yaml.
packages=(redis-server redis-tools)
probe=(sh -c 'redis-server --version >/dev/null && redis-cli --version >/dev/null && echo ok')
keep='libsystemd0'

finish() { mkdir "$1/data"; }
