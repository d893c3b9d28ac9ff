# shellcheck shell=bash disable=SC2034
packages=(bash)
probe=(bash -c 'echo ok')
