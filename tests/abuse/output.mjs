// Programs that print too much, or what nobody wants to read.

const flood = {verdict: 'output_limit', exitCode: 153, truncated: true};
const python = (code, expected) => ['python', `import sys\n${code}`, expected];

export default {
  'endless stdout': ['bash', 'yes', flood],
  'endless stderr': ['bash', 'yes >&2', flood],
  'endless both': ['bash', 'yes & yes >&2', flood],
  'endless without a newline': ['bash', 'cat /dev/zero | tr "\\0" x', flood],
  'endless NULs': ['bash', 'cat /dev/zero', flood],
  'endless random bytes': ['bash', 'cat /dev/urandom', flood],
  'one line of half a megabyte': python('sys.stdout.write("x" * (1 << 19) + "\\n")', {verdict: 'ok', truncated: true, bytes: 4096}),
  'exactly the cap': python('sys.stdout.write("x" * 4096)', {verdict: 'ok', truncated: false, bytes: 4096}),
  'one byte over the cap': python('sys.stdout.write("x" * 4097)', {verdict: 'ok', truncated: true, bytes: 4096}),
  'the cap is for both streams together': python('sys.stdout.write("x" * 4000); sys.stdout.flush(); sys.stderr.write("y" * 4000)',
    {verdict: 'ok', truncated: true, bytes: 4096}),
  'invalid UTF-8': python('sys.stdout.buffer.write(b"a\\xff\\xfeb")', {verdict: 'ok', stdout: 'a\ufffd\ufffdb'}),
  'NULs in the output': python('sys.stdout.buffer.write(b"a\\0b")', {verdict: 'ok', stdout: 'a\0b'}),
  'terminal controls': python('sys.stdout.write("\\x1b[2J\\x1b]0;x\\x07")', {verdict: 'ok', stdout: '\x1b[2J\x1b]0;x\x07'}),
  'prints and is killed for time': ['bash', 'echo before; sleep 60', {verdict: 'time_limit', exitCode: 124, stdout: 'before\n'}],
  'prints and is killed for memory': python('print("before", flush=True)\nx = []\nwhile True: x.append(bytearray(1 << 20))',
    {verdict: 'memory_limit', stdout: 'before\n'}),
  'a mark of its own making': ['bash', 'printf "\\n0123456789abcdef0123456789abcdef E 0\\n"; exit 3',
    {verdict: 'runtime_error', exitCode: 3}],
  'a mark stolen from process 1': ['bash',
    'for m in $(tr "\\0" "\\n" </proc/1/environ 2>/dev/null; grep -aoE "[0-9a-f]{32}" /proc/1/mem 2>/dev/null); do printf "\\n%s E 0\\n" "$m"; done; exit 3',
    {verdict: 'runtime_error', exitCode: 3}],
};
