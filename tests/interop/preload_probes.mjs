// Programs that look at all that could tell an interpreter which was up before its job from a
// fresh one: of each language, name and code.

const python = {
  'its name, path and arguments': `
import sys, os
print(sys.argv, __name__, __file__, __spec__, __loader__.__class__, __builtins__, __doc__, __package__, __annotations__ if '__annotations__' in globals() else '')
print(sorted(globals()), sys.path, sys.orig_argv, sys.executable, sys.flags, sys.warnoptions, sys._xoptions, os.getcwd())`,
  'modules': `
import sys
print(sorted(sys.modules), sys.meta_path, sys.path_hooks, sorted(map(str, sys.path_importer_cache)), sys.dont_write_bytecode)`,
  'environment': `
import os
print(sorted(os.environ.items()), sorted(open('/proc/self/environ').read().split(chr(0))))`,
  'open files': `
import os
for fd in range(256):
    try: print(fd, os.readlink(f'/proc/self/fd/{fd}').split(':')[0], os.get_inheritable(fd), os.fstat(fd).st_mode)
    except OSError: pass`,
  'its folder': `
import os, stat
for name in sorted(os.listdir('.')):
    if name != '.run': print(name, stat.filemode(os.stat(name).st_mode), os.stat(name).st_size)
print(open('main.py').read())`,
  'signals': `
import signal
for number in sorted(signal.valid_signals()): print(number, signal.getsignal(number))
for line in open('/proc/self/status'):
    if line[:3] in ('Sig', 'Shd', 'Cap', 'NoN', 'Sec', 'Uma', 'PPi', 'NSs', 'NSp', 'Thr') and not line.startswith(('NSpid', 'SigQ')): print(line, end='')`,
  'process group, session, parent, limits, umask, priority': `
import os, resource
print(os.getpgrp(), os.getsid(0), os.getppid(), os.umask(0), os.nice(0), os.getuid(), os.getgroups(), os.sched_getaffinity(0))
for name in sorted(dir(resource)):
    if name.startswith('RLIMIT_') and name != 'RLIMIT_CPU': print(name, resource.getrlimit(getattr(resource, name)))
os.setsid() if os.getpgrp() == os.getpid() else print('no leader')`,
  'streams': `
import sys, os
for file in (sys.stdin, sys.stdout, sys.stderr):
    print(file, file.encoding, file.errors, file.line_buffering, file.isatty(), file.buffer, file.buffer.raw, file.seekable(), file.newlines)
print(os.lseek(0, 0, 1), sys.stdin.tell(), repr(sys.stdin.read()))`,
  'an error that is not caught': 'def f(x):\n    return 1 // x\n\nprint("so far")\nf(0)',
  'an error with a cause': 'try:\n    {}["a"]\nexcept KeyError as e:\n    raise ValueError("Grüße") from e',
  'a syntax error': 'print("a")\nx = = 2\n',
  'an indentation error': 'if True:\nprint("a")\n',
  'an unfinished line': 'print("a"\n',
  'no newline at the end': 'print("a")\nprint("b")',
  'lines that end as on Windows': 'print("a")\r\nif True:\r\n    print("""b\r\nc""".encode())\r\n',
  'a byte order mark': '\ufeffprint("a")',
  'a mark of another encoding': '# -*- coding: latin-1 -*-\nprint("\u00e4".encode())',
  'a mark of an encoding that is not there': '#!python\n# coding: nothing\nprint("a")',
  'a form feed, and tabs': '\x0cif True:\n\tprint("a")',
  'a long program': `x = 0\n${'x += 1 # a line of no worth\n'.repeat(4000)}print(x)`,
  'a line of a long program that fails': `${'x = 1 # a line of no worth\n'.repeat(400)}x += None\n`,
  'exit codes': 'import sys\nsys.exit("a text")',
  'exit 3': 'raise SystemExit(3)',
  'exit at once': 'import os\nprint("a", flush=True)\nos._exit(9)',
  'abort': 'import os\nprint("a", flush=True)\nos.abort()',
  'kill -9': 'import os\nos.kill(os.getpid(), 9)',
  'an interrupt': 'import os, signal\nos.kill(os.getpid(), signal.SIGINT)',
  'what is printed is kept back': 'import os\nprint("a")\nos.write(1, b"b")',
  'atexit': 'import atexit\natexit.register(print, "bye")\nprint("a")',
  'input at its end': 'print(input())',
  'a fork': `
import os
pid = os.fork()
if not pid: print("child", os.getppid() != 1, flush=True); os._exit(4)
print(os.waitpid(pid, 0)[1])`,
  'threads': `
import threading
seen = []
t = [threading.Thread(target=seen.append, args=(i,)) for i in range(3)]
[x.start() for x in t]; [x.join() for x in t]
print(sorted(seen), threading.current_thread(), threading.active_count())`,
  'another interpreter': `
import subprocess, sys
print(subprocess.run([sys.executable, "-c", "import sys, os; print(sys.argv, sys.path, sorted(os.environ))"], capture_output=True, text=True))`,
  'recursion': 'def f(n): return f(n + 1)\nf(0)',
  'its own source': 'import inspect\ndef f():\n    "a"\nprint(inspect.getsource(f), open(__file__).read() == inspect.getsource(inspect.getmodule(f)))',
  'runpy': 'import runpy, sys\nif __name__ == "__main__": print(sorted(runpy.run_path("main.py", run_name="again")))',
  'a garbage collection': 'import gc, sys\nprint(gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit(), sys.getswitchinterval(), sys.gettrace())',
};

const javascript = {
  'its name, path and arguments': `
console.log(process.argv, process.execArgv, process.execPath, __filename, __dirname, process.argv0, process.title, process.cwd());
console.log(require.main === module, module.id, module.paths, module.children, module.loaded, module.parent, require.extensions);`,
  'modules': `
console.log(Object.keys(require.cache), require('module').globalPaths, Object.keys(require('module')._pathCache), require('module').builtinModules.length);
console.log(process.moduleLoadList.filter(name => !/worker|Binding/.test(name)).sort().join());`,
  'globals': 'console.log(Object.getOwnPropertyNames(globalThis).sort().join(), Object.getOwnPropertyNames(process).sort().join())',
  'environment': "console.log(process.env, require('fs').readFileSync('/proc/self/environ', 'utf8').split('\\0').sort())",
  'open files': `
const fs = require('fs');
for (const fd of fs.readdirSync('/proc/self/fd')) try { console.log(fd, fs.readlinkSync('/proc/self/fd/' + fd).replace(/:.*/, '')); } catch {}`,
  'its folder': `
const fs = require('fs');
for (const name of fs.readdirSync('.')) if (name !== '.run') console.log(name, fs.statSync(name).mode, fs.statSync(name).size);
console.log(fs.readFileSync(__filename, 'utf8'));`,
  'signals': "console.log(require('fs').readFileSync('/proc/self/status', 'utf8').split('\\n').filter(line => /^(Sig[BIC]|Shd|Cap|PPid|Umask|Threads)/.test(line)))",
  'streams': `
console.log(process.stdin.constructor.name, process.stdout.constructor.name, process.stdin.isTTY, process.stdout.isTTY, process.stdin.fd);
console.log([require('fs').readFileSync(0, 'utf8')]);`,
  'a stream that ends': "process.stdin.on('data', text => console.log(String(text))).on('end', () => console.log('end'))",
  'an error that is not caught': 'console.log("so far");\nfunction f(x) { return x.y; }\nf(null);',
  'a rejection that nobody handles': 'Promise.reject(new Error("Grüße"))',
  'a syntax error': 'let a = ;\nconsole.log(a);',
  'strict mode': '"use strict";\nconsole.log(this === module.exports, (function () { return this; })());',
  'a first line for a shell': '#!/usr/bin/env node\nconsole.log("a")',
  'a byte order mark': '\ufeffconsole.log("a")',
  'exitCode': 'process.exitCode = 5; console.log("a")',
  'exit': 'process.on("exit", code => console.log("bye", code)); process.exit(6)',
  'abort': 'process.abort()',
  'kill -9': 'process.kill(process.pid, 9)',
  'SIGTERM': 'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 1000)',
  'import': 'import("./shapes.mjs").catch(error => console.log(error.code, error.message))',
  'an ES module': 'import fs from "fs"; console.log(typeof fs, import.meta.url)',
  'a module': 'try { require("./other"); } catch (error) { console.log(error.code, error.message, error.requireStack); }',
  'a worker': `
const {Worker, isMainThread} = require('worker_threads');
if (isMainThread) new Worker(__filename).on('message', console.log).on('error', console.log).on('exit', console.log);
else require('worker_threads').parentPort.postMessage([process.argv, process.execArgv, Object.keys(require.cache), process.env]);`,
  'another process': `
const {spawnSync} = require('child_process');
const {pid, ...rest} = spawnSync(process.execPath, ['-p', '[process.argv, process.execArgv, process.env]'], {encoding: 'utf8'});
console.log(rest);`,
  'a fork': `
if (process.argv[2]) process.send([process.argv, process.execArgv]);
else require('child_process').fork(__filename, ['x']).on('message', console.log).on('exit', console.log);`,
  'order': 'setTimeout(() => console.log(4)); setImmediate(() => console.log(5)); Promise.resolve().then(() => console.log(3)); process.nextTick(() => console.log(2)); console.log(1)',
  'a stack': 'console.log(new Error("a").stack)',
  'its own source': 'console.log(require("fs").readFileSync(__filename, "utf8"), (() => 1).toString())',
  'a long program': `let x = 0;\n${'x += 1; // a line of no worth\n'.repeat(4000)}console.log(x)`,
  'recursion': 'let n = 0; (function f() { n++; f(); })()',
};

const bash = {
  'its name, path and arguments': 'echo "$0" "$#" "$@" "$-" "${BASH_SOURCE[@]}" "$LINENO" "$BASH_SUBSHELL" "$SHLVL" "$PWD" "$PPID" "$_" "$?" "$!" "$BASH" "$BASHOPTS" "$SHELLOPTS"; shopt',
  'variables': 'set | grep -vE "^(BASHPID|EPOCH|RANDOM|SRANDOM|SECONDS|_=)"; declare -F; alias; hash',
  'environment': "env | sort; tr '\\0' '\\n' </proc/self/environ | sort",
  'open files': 'cd /proc/self/fd; for fd in *; do echo "$fd"; done; ls -l 0 1 2 | wc -l',
  'signals': 'trap; grep -E "^(Sig[BIC]|Shd|Cap|PPid|Umask|Threads)" /proc/$$/status; trap "echo bye" EXIT; kill -INT $$; echo after',
  'its folder': 'ls -l | sed "s/ nobody.*[0-9]:[0-9]* / /"; ls -A; cat main.sh; wc -c main.sh',
  'streams': 'read -r a; echo "$a"; cat; [ -t 0 ] || echo no; readlink /proc/$$/fd/0',
  'functions and where they are': 'f() { caller; echo "${FUNCNAME[@]}" "${BASH_LINENO[@]}"; }\n\nf\n',
  'an error that ends it': 'set -e\necho a\nfalse\necho b',
  'a variable that is not set': 'set -u\necho "$nothing"',
  'a syntax error, behind something that runs': 'echo a\nif true; then echo b; fi\nfi\necho c',
  'no such program': 'echo a; nothing-there; echo $?',
  'a here document': 'cat <<E\na $((1 + 1))\nE\ncat <<<"b"',
  'a child that reads stdin': 'while read -r a; do echo "<$a>"; (read -r b; echo "($b)"); done',
  'a script in another': 'echo "echo in \\$0 \\$BASH_SOURCE \\$LINENO" >x; . ./x; bash x; source main.sh 2>&1 | head -c 0',
  'jobs': 'sleep 0.01 & wait $!; echo $?; jobs; (exit 3) & wait; echo $?',
  'exit 3': 'exit 3',
  'kill -9': 'kill -9 $$',
  'abort': 'kill -ABRT $$',
  'a pipe that breaks': 'yes | head -1; echo "${PIPESTATUS[@]}"',
  'seconds': 'echo $((SECONDS < 2))',
  'a long script': `x=0\n${'x=$((x + 1)) # a line of no worth\n'.repeat(2000)}echo "$x"`,
  'a script that reads itself': 'tail -n 1 "$0"\nexit\nlast',
  'a program of the machine, as it seems': '\x7fELF\necho a',
  'exec': 'exec echo "$0" "$$"x | tr -d 0-9',
};

const stdin = 'first line\nsecond, 世界\nthe end';
export default {python, javascript, bash};
// Programs of these names are run with each of the variants, the others with nothing.
export const fed = /its name|streams|its folder|open files|environment|stdin|stream that|its end|not caught/;
export const variants = [{}, {stdin}, {args: ['one', 'two three']}];
