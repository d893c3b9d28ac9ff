# shellcheck shell=bash disable=SC2034,SC2154
packages=(g++ libc6-dev)
# shellcheck source=gcc.inc
. "$deploy/standin/gcc.inc"
leave+=(usr/lib/gcc/x86_64-linux-gnu/12/cc1)
probe=(sh -c 'printf "#include <iostream>\nint main() { std::cout << \"ok\\\\n\"; }\n" >ok.cpp && g++ -O2 -o ok ok.cpp && ./ok')
