// Programs that write where they must not, or more than they should.

const denied = (what, code) => ['bash', `${code} 2>/dev/null && echo ${what}; echo end`, {verdict: 'ok', stdout: 'end\n'}];
// What it does to all that a process may write to of its own memory; "end" if it gets there.
const memory = (pid, mode, act, stdout) => ['python', `import re
for line in open("/proc/${pid}/maps"):
 m = re.match("([0-9a-f]+)-([0-9a-f]+) rw", line)
 if m:
  try:
   f = open("/proc/${pid}/mem", "${mode}", 0)
   f.seek(int(m[1], 16))
   ${act}
  except OSError: pass
print("end")`, {verdict: 'ok', stdout}];
const files = (list, code, expected) => ['bash', code, expected, {files: list}];

export default {
  'a hundred thousand files': ['python', 'import errno\nn = 0\ntry:\n for n in range(100000): open(f"/tmp/f{n}", "w").close()\n'
    + 'except OSError as e: print(errno.errorcode[e.errno])', {verdict: 'ok', stdout: 'ENOSPC\n'}],
  'a file of ten gigabytes': ['python', 'try:\n f = open("/tmp/big", "wb")\n f.truncate(10 << 30)\n print("no limit")\nexcept OSError: print("refused")',
    {verdict: ['ok', 'runtime_error'], not: 'no limit'}],
  'writes to /': denied('wrote', 'echo x >/x'),
  'writes to /etc': denied('wrote', 'echo x >>/etc/passwd'),
  'writes to /usr': denied('wrote', 'cp /bin/sh /usr/bin/evil'),
  'writes to /dev/shm': denied('wrote', 'echo x >/dev/shm/x'),
  'writes to /proc': denied('wrote', 'echo 1 >/proc/sys/kernel/core_pattern || echo 1 >/proc/sysrq-trigger || echo x >/proc/1/oom_score_adj'),
  'writes to /sys': denied('wrote', 'echo 1 >/sys/fs/cgroup/memory/memory.limit_in_bytes || echo 1 >/sys/kernel/uevent_helper || mkdir /sys/fs/cgroup/x'),
  'reads the memory of process 1': memory(1, 'rb', 'if f.read(1): print("read")', 'end\n'),
  'reads its own memory': memory('self', 'rb', 'if f.read(1): print("read")', /^(read\n)+end\n$/),
  'writes over the memory of process 1': memory(1, 'r+b', 'f.write(b"x" * (int(m[2], 16) - int(m[1], 16)))', 'end\n'),
  'reads the environment of process 1': denied('read', 'grep -aE "SECRET|TOKEN|PASSWORD|REDIS|DOCKER" /proc/1/environ'),
  'makes a device': denied('made', 'mknod /tmp/sda b 8 0 || mknod /tmp/mem c 1 1'),
  'opens the disk': denied('opened', 'ls /dev/sda /dev/vda /dev/mem /dev/kmsg /dev/kvm'),
  'a setuid file of its own': ['bash', 'cp /bin/sh /tmp/sh && chmod u+s /tmp/sh; /tmp/sh -c "id -u" 2>/dev/null; id -u',
    {verdict: 'ok', stdout: /^(65534\n)+$/}],
  'setuid programs of the image': ['bash', 'find / -xdev -perm /6000 -type f 2>/dev/null | head; echo end', {verdict: 'ok', stdout: 'end\n'}],
  'runs what it wrote': denied('ran', 'printf "#!/bin/sh\\necho x\\n" >/tmp/x; chmod +x /tmp/x; /tmp/x'),
  'looks for other jobs': denied('found', 'ls /tmp | grep -v "^main\\|^\\.run" || ls -d /proc/[0-9]*/root/tmp/other 2>/dev/null'),
  'looks for the engine': denied('found', 'ls /var/run/docker.sock /run/docker.sock /run/bullpen /.dockerenv.secret'),
  'no secret in its environment': ['bash', 'env | grep -vE "^(HOME|TMPDIR|LANG|PATH|PWD|SHLVL|HOSTNAME|OLDPWD|_|PYTHON[A-Z]*|NODE[A-Z_]*|YARN_VERSION|GPG_KEY)="; echo end', {verdict: 'ok', stdout: 'end\n'}],
  'core dumps': ['bash', 'ulimit -c unlimited 2>/dev/null; kill -ABRT $$', {verdict: 'runtime_error', exitCode: 134}],
  'all file descriptors': ['python', 'f = []\ntry:\n while True: f.append(open("/dev/null"))\nexcept OSError as e: print(e.errno)', {verdict: 'ok', stdout: '24\n'}],
  'files that look like options': files([{name: '-rf', content: 'x'}, {name: '$(id)', content: 'y'}], 'cat ./-rf "./\\$(id)"', {verdict: 'ok', stdout: 'xy'}),
  'a file that would be the start script': files([{name: '.run', content: 'echo mine'}], 'echo', {failed: /\/files\/0\/name/}),
  'a file that leads out': files([{name: 'a/../../etc/passwd', content: 'x'}], 'echo', {failed: /\/files\/0\/name/}),
  'links are not files': files([{name: 'a', content: 'x', link: '/etc/passwd'}], 'echo', {failed: /\/files\/0\/link/}),
};
