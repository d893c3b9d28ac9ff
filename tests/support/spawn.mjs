// Child processes that cannot outlive the test, even one that is killed.

import {spawn} from 'node:child_process';

// As spawn. The kernel kills the child when this process ends, whatever ends it.
export const spawnWithUs = (command, args, options) =>
  spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], options);
