// How programs end, and what they do with what they are given.

const exits = code => ['bash', `exit ${code}`, code ? {verdict: 'runtime_error', exitCode: code} : {verdict: 'ok', exitCode: 0}];
const signals = number => ['python',
  `import os, signal, time\nif ${number} != 9: signal.signal(${number}, signal.SIG_DFL)\nos.kill(os.getpid(), ${number})\ntime.sleep(60)`,
  {verdict: 'runtime_error', exitCode: 128 + number}];
const megabyte = 'x'.repeat(1 << 20);

export default {
  'exit 0': exits(0),
  'exit 1': exits(1),
  'exit 124, which is no time limit': exits(124),
  'exit 137, which is no memory limit': exits(137),
  'exit 255': exits(255),
  ...Object.fromEntries([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 24, 25, 30, 31].map(number =>
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
