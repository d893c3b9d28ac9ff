// Programs that turn on the compiler, and compiled ones that turn on the rest.

const refused = {verdict: 'compile_error'};

export default {
  'fork bomb, C': ['c', '#include <unistd.h>\nint main(void) { for (;;) fork(); }', {verdict: 'process_limit'}],
  'fork bomb of children alone, C': ['c', '#include <unistd.h>\nint main(void) { while (!fork() || !fork()); return 0; }',
    {verdict: 'process_limit'}],
  'thread bomb, C': ['c', '#include <pthread.h>\n#include <unistd.h>\nstatic void *f(void *a) { pause(); return a; }\n'
    + 'int main(void) { pthread_t t; for (;;) pthread_create(&t, 0, f, 0); }', {verdict: 'process_limit'}],
  'memory bomb, C': ['c', '#include <stdlib.h>\n#include <string.h>\n'
    + 'int main(void) { for (;;) { char *p = malloc(1 << 20); if (p) memset(p, 1, 1 << 20); } }', {verdict: 'memory_limit', exitCode: 137}],
  'endless recursion, C': ['c', 'int f(volatile int n) { return n ? f(n + 1) + 1 : 0; }\nint main(void) { return f(1); }',
    {verdict: ['runtime_error', 'memory_limit']}],
  'a jump to nowhere, C': ['c', 'int main(void) { ((void (*)(void))1)(); return 0; }', {verdict: 'runtime_error', exitCode: 139}],
  'the compiler reads without end': ['c', '#include "/dev/zero"\nint main(void) { return 0; }', refused],
  'the compiler reads the stdin of the program': ['c', '#include "/dev/stdin"\n', refused, {stdin: 'int main(void) { return 0; }'}],
  // It takes what the kernel makes up for empty files.
  'the compiler reads of process 1': ['c', '#include "/proc/1/mem"\n#include "/proc/1/environ"\nint main(void) { return 0; }',
    {verdict: ['ok', 'compile_error'], stdout: ''}],
  'the compiler writes without end': ['c', 'char a[200000000] = {1};\nint main(void) { return a[0]; }', refused],
  'the compiler works without end': ['cpp',
    'template <int N, int M> struct A { enum { v = A<N - 1, 2 * M>::v + A<N - 1, 2 * M + 1>::v }; };\n'
    + 'template <int M> struct A<0, M> { enum { v = 1 }; };\nint main() { return A<40, 1>::v; }',
    refused, {limits: {compileTimeoutMs: 2000}}],
  'the compiler takes all memory': ['cpp', '#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\n'
    + 'const char *s = B(B(B("aaaaaaaaaa")));\nint main() { return 0; }', refused, {limits: {compileTimeoutMs: 10000}}],
  'the compiler says a lot': ['c', 'int main(void) {\n' + 'x;\n'.repeat(5000) + '}', refused],
  'source that includes itself': ['c', '#include __FILE__\n#include __FILE__\n', refused],
  'source that includes what nobody may read': ['c', '#include "/etc/shadow"\n', refused],
  'a program made of what nobody may read': ['c', '__asm__(".incbin \\"/etc/shadow\\"");\nint main(void) { return 0; }', refused],
  'a program of twelve megabytes': ['c', '#include <stdio.h>\nchar a[12 << 20] = {1};\n'
    + 'int main(void) { printf("%zu", sizeof a); return a[1]; }', {verdict: 'ok', stdout: `${12 << 20}`}],
  'a program that its sandbox has no room for': ['c', 'char a[12 << 20] = {1};\nint main(void) { return a[1]; }',
    {verdict: 'memory_limit', exitCode: 137}, {limits: {memoryMb: 16}}],
  'a program that looks for what its compiler left': ['c', '#include <stdlib.h>\nint main(void) { return system("ls -A /tmp"); }',
    {verdict: 'ok', stdout: '.run\nmain.c\nprog\n'}],
  'a program that writes over itself': ['c', '#include <stdio.h>\nint main(void) { puts(fopen("/tmp/prog", "r+") ? "opened" : "busy"); }',
    {verdict: 'ok', stdout: 'busy\n'}],
  'a file in the place of the program': ['c', 'int main(void) { return 3; }',
    {verdict: ['compile_error', 'runtime_error'], not: 'mine'}, {files: [{name: 'prog', content: '#!/bin/sh\necho mine\n'}]}],
  'one compiler started by the other is bounded, too': ['cpp', '#include <bits/stdc++.h>\nint main() { std::cout << "fine\\n"; }',
    {verdict: 'ok', stdout: 'fine\n'}],
};
