# shellcheck shell=bash disable=SC2034,SC2154
packages=(gcc libc6-dev)
# shellcheck source=gcc.inc
. "$deploy/standin/gcc.inc"
probe=(sh -c 'echo "int puts(const char *); int main(void) { puts(\"ok\"); }" >ok.c && gcc -O2 -o ok ok.c && ./ok')
