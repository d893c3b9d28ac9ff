// Programs that ask the kernel, or the network, for what is not theirs.

// A system call by its x86-64 number; it must be refused.
const call = (number, ...args) => ['python',
  `import ctypes\nr = ctypes.CDLL(None, use_errno=True).syscall(${[number, ...args].join(', ')})\nprint("refused" if r == -1 else "done")`,
  {verdict: ['ok', 'runtime_error'], not: 'done'}];

const connect = (family, kind, address) => ['python',
  `import socket\ntry:\n s = socket.socket(socket.${family}, socket.${kind})\n s.settimeout(1)\n s.connect(${address})\n print("connected")\nexcept OSError: print("refused")`,
  {verdict: 'ok', stdout: 'refused\n'}];

export default {
  mount: call(165, 'b"none"', 'b"/tmp"', 'b"tmpfs"', 0, 0),
  unshare: call(272, '0x10000000'),
  'unshare of everything': ['bash', 'unshare -r -m -p -f sh -c "echo done" 2>/dev/null; echo end', {verdict: 'ok', stdout: 'end\n'}],
  setns: call(308, 0, 0),
  clone3: call(435, 0, 0),
  ptrace: call(101, 16, 1, 0, 0),
  bpf: call(321, 0, 0, 0),
  keyctl: call(250, 0, -3, 0),
  io_uring: call(425, 8, 0),
  userfaultfd: call(323, 0),
  perf: call(298, 0, 0, -1, -1, 0),
  'kexec': call(246, 0, 0, 0, 0),
  'modules': call(175, 0, 0, 0),
  'reboot': call(169, '0xfee1dead', 672274793, '0x1234567', 0),
  'the clock': call(227, 0, 0),
  'chroot': call(161, 'b"/tmp"'),
  'process memory of others': call(310, 1, 0, 0, 0, 0, 0),
  'a vsock': ['python', 'import socket\ntry:\n socket.socket(40, socket.SOCK_STREAM)\n print("done")\nexcept OSError: print("refused")', {verdict: 'ok', stdout: 'refused\n'}],
  'a raw socket': ['python', 'import socket\ntry:\n socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n print("done")\nexcept OSError: print("refused")', {verdict: 'ok', stdout: 'refused\n'}],
  'a packet socket': ['python', 'import socket\ntry:\n socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)\n print("done")\nexcept OSError: print("refused")', {verdict: 'ok', stdout: 'refused\n'}],
  'a connection by address': connect('AF_INET', 'SOCK_STREAM', '("1.1.1.1", 53)'),
  'a connection to the host': connect('AF_INET', 'SOCK_STREAM', '("172.17.0.1", 22)'),
  'a connection to the cloud\'s metadata': connect('AF_INET', 'SOCK_STREAM', '("169.254.169.254", 80)'),
  'a connection by name': connect('AF_INET', 'SOCK_STREAM', '("localhost.example", 80)'),
  'a connection by IPv6': connect('AF_INET6', 'SOCK_STREAM', '("2606:4700:4700::1111", 53)'),
  'more priority': ['bash', 'renice -n -20 $$ >/dev/null 2>&1 && echo done; echo end', {verdict: 'ok', stdout: 'end\n'}],
  'another user': ['python', 'import os\ntry:\n os.setuid(0)\n print("done")\nexcept OSError: print("refused")', {verdict: 'ok', stdout: 'refused\n'}],
  'every capability': ['bash', 'grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb)" /proc/self/status | grep -v "0000000000000000"; grep NoNewPrivs /proc/self/status', {verdict: 'ok', stdout: 'NoNewPrivs:\t1\n'}],
};
