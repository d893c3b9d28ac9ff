# shellcheck shell=bash disable=SC2034,SC2154
packages=(rustc gcc)
# shellcheck source=gcc.inc
. "$deploy/standin/gcc.inc"
# It wants gcc for linking alone.
drop+='|cpp-12|linux-libc-dev'
leave+=(usr/include usr/lib/rustlib/'*'/lib/lib{test,proc_macro}-'*.rlib')
probe=(sh -c 'echo "fn main() { println!(\"ok\") }" >ok.rs && rustc -O ok.rs && ./ok')

finish() { ln -s gcc "$1/usr/bin/cc"; }
