// Programs that want all the memory there is.

const full = {verdict: 'memory_limit', exitCode: 137};

// A child that eats all there is; what its parent does then.
const child = then => 'import os\npid = os.fork()\nif pid == 0:\n x = []\n while True: x.append(bytearray(1 << 20))\n'
  + `os.waitpid(pid, 0)\n${then}`;

export default {
  'memory bomb': ['python', 'x = []\nwhile True: x.append(bytearray(1 << 20))', full],
  'memory bomb, javascript': ['javascript', 'const x = []; for (;;) x.push(Buffer.alloc(1 << 20, 1));', full],
  'memory bomb in a child that its parent forgives': ['python', child('print("parent lives")'), {verdict: 'ok', stdout: 'parent lives\n'}],
  'memory bomb in a child that its parent does not forgive': ['python', child('raise SystemExit(1)'), {verdict: 'memory_limit'}],
  'memory bomb in many children': ['python', 'import os\nfor i in range(4):\n if os.fork() == 0:\n  x = []\n  while True: x.append(bytearray(1 << 20))\n'
    + 'codes = [os.wait()[1] for i in range(4)]\nraise SystemExit(any(codes))', {verdict: 'memory_limit'}],
  'fills its tmpfs': ['bash', 'head -c 500m /dev/zero >/tmp/x; echo $?', {verdict: ['ok', 'memory_limit', 'runtime_error']}],
  'fills its tmpfs with many files': ['bash', 'for i in $(seq 12); do head -c 8m /dev/zero >/tmp/x$i; done 2>/dev/null; echo done',
    {verdict: ['ok', 'memory_limit']}],
  'asks for address space it does not use': ['python', 'import mmap\nm = mmap.mmap(-1, 1 << 30)\nprint("reserved")', {verdict: 'ok', stdout: 'reserved\n'}],
  'a little under its limit': ['python', 'x = bytearray(60 << 20)\nprint(len(x) >> 20)', {verdict: 'ok', stdout: '60\n'}],
};
