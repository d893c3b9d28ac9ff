// The text of the scripts.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {test} from 'node:test';
import {readScripts, root} from '../support/scripts.mjs';

const {equal} = assert;

test('luacheck_has_nothing_to_say', t => {
  for (const {name, lua} of readScripts()) {
    const {error, status, stdout} = spawnSync('luacheck',
      ['--no-color', '--config', `${root}/.luacheckrc`, '--filename', name, '-'], {input: lua});
    if (error?.code === 'ENOENT' && !process.env.CI) return t.skip('luacheck is not installed');
    equal(error, undefined);
    equal(status, 0, `${name}\n${stdout}`);
  }
});
