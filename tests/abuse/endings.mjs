// How programs end, and what they do with what they are given.

const exits = code => ['bash', `exit ${code}`, code ? {verdict: 'runtime_error', exitCode: code} : {verdict: 'ok', exitCode: 0}];
const STOP = 19; /* 20 to 22 stop nobody here: a sandbox has no terminal and no job control */
const passes = number => [17, 18, 20, 21, 22, 23, 28].includes(number);
const signals = number => ['python',
  `import os, signal, time\nif ${number} not in (9, ${STOP}): signal.signal(${number}, signal.SIG_DFL)\n`
  + `os.kill(os.getpid(), ${number})\n${passes(number) ? 'print("on")' : 'time.sleep(60)'}`,
  number === STOP ? {verdict: 'time_limit', exitCode: 124}
    : passes(number) ? {verdict: 'ok', stdout: 'on\n'}
      : {verdict: 'runtime_error', exitCode: 128 + number}];
const megabyte = 'x'.repeat(1 << 20);

export default {
  'exit 0': exits(0),
  'exit 1': exits(1),
  'exit 124, which is no time limit': exits(124),
  'exit 137, which is no memory limit': exits(137),
  'exit 255': exits(255),
  ...Object.fromEntries([...Array.from({length: 31}, (_, i) => i + 1), 34, 64].map(number =>
    [`signal ${number}`, signals(number)])),
  'a segmentation fault': ['python', 'import ctypes\nctypes.string_at(0)', {verdict: 'runtime_error', exitCode: 139}],
  'an abort': ['python', 'import os\nos.abort()', {verdict: 'runtime_error', exitCode: 134}],
  'an empty stdin': ['bash', 'wc -c', {verdict: 'ok', stdout: /^ *0\n$/}],
  'a megabyte of stdin': ['bash', 'wc -c', {verdict: 'ok', stdout: /^ *1048576\n$/}, {stdin: megabyte}],
  'a megabyte of stdin that is never read': ['bash', 'echo no', {verdict: 'ok', stdout: 'no\n'}, {stdin: megabyte}],
  'arguments that a shell would act on': ['bash', 'printf "%s|" "$@"', {verdict: 'ok', stdout: '$(id)|\'; id; \'|a\nb||'},
    {args: ['$(id)', '\'; id; \'', 'a\nb', '']}],
  'CPU time of many processes': ['bash', 'for i in 1 2 3; do (while :; do :; done) & done; wait',
    {verdict: 'time_limit', exitCode: 124}, {timeoutMs: 5000, limits: {cpuMs: 300}}],
};
