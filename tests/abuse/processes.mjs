// Programs that multiply, linger, or turn against their own kind.

const bomb = {verdict: 'process_limit'};
const late = {verdict: 'time_limit', exitCode: 124};

export default {
  'fork bomb, bash': ['bash', ':(){ :|:& };:', bomb],
  'fork bomb, sh': ['bash', 'exec sh -c \'b() { b | b & }; b; sleep 5\'', bomb],
  'fork bomb, python': ['python', 'import os\nwhile True: os.fork()', bomb],
  'fork bomb that retries, python': ['python',
    'import os\nwhile True:\n try: os.fork()\n except OSError: pass', bomb],
  'fork bomb, javascript': ['javascript',
    'const {spawn} = require("child_process");\n'
    + 'setInterval(() => { for (let i = 0; i < 20; i++) spawn("sleep", ["9"]).on("error", () => {}); }, 1);', bomb],
  'fork bomb behind a first process that ends': ['bash', '(b() { b | b & }; b) & exit 0', bomb],
  'thread bomb': ['python', 'import threading, time\nwhile True:\n try: threading.Thread(target=time.sleep, args=(9,)).start()\n'
    + ' except RuntimeError: pass', bomb],
  'a few processes are no bomb': ['bash', 'for i in 1 2 3 4 5; do sleep 0.1 & done; wait; echo done', {verdict: 'ok', stdout: 'done\n'}],
  'at the limit, politely': ['bash', 'for i in $(seq 45); do sleep 0.2 & done; wait; echo done', {verdict: 'ok'}],
  'zombies': ['python', 'import os, time\nfor i in range(30):\n if os.fork() == 0: os._exit(0)\nprint("done")', {verdict: 'ok', stdout: 'done\n'}],
  'a daemon that holds stdout': ['bash', '(setsid sleep 60 &) ; echo over', {verdict: 'ok', stdout: 'over\n'}],
  'a daemon forked twice that holds stdout': ['python',
    'import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0:\n  time.sleep(60)\n os._exit(0)\nprint("over")',
    {verdict: 'ok', stdout: 'over\n'}],
  'sleeps, and ignores TERM': ['bash', 'trap "" TERM INT HUP; sleep 60; sleep 60', late],
  'sleeps with its output closed': ['bash', 'exec >&- 2>&-; sleep 60', late],
  'burns with its output closed': ['python', 'import os\nos.close(1)\nos.close(2)\nwhile True: pass', late],
  'kills everybody it can': ['bash', 'sleep 60 & kill -9 -1; wait; echo still here', {verdict: 'ok', stdout: 'still here\n'}],
  'kills its own group': ['bash', 'kill -9 0; echo still here', {verdict: 'runtime_error', exitCode: 137}],
  'stops process 1': ['bash', 'kill -STOP 1; echo sent; exit 0', {verdict: 'ok', stdout: 'sent\n'}],
  'kills process 1': ['bash', 'kill -9 1; kill -TERM 1; kill -HUP 1; echo sent', {verdict: 'ok', stdout: 'sent\n'}],
  'kills whoever feeds it': ['bash',
    `for ((p = 2; p < 40; p++)); do [ $p = $$ ] || kill -9 $p 2>/dev/null; done; exit 5\n${'# more of it\n'.repeat(150)}`,
    {verdict: 'runtime_error', exitCode: 5}],
  'stops itself': ['bash', 'kill -STOP $$; echo on', late],
  'burns with many threads': ['python',
    'import threading\ndef f():\n while True: pass\nfor i in range(8): threading.Thread(target=f).start()', late],
};
