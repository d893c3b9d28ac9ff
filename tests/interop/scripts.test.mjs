// The text of the commands, as it is embedded: it needs no more than Redis 6.2.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {test} from 'node:test';
import {readScripts, root} from '../support/scripts.mjs';
import {redis} from './commands.mjs';

const {equal, deepEqual} = assert;
const scripts = readScripts();
const flat = pairs => Object.fromEntries(pairs.flatMap((name, i) => (i % 2 ? [] : [[name, pairs[i + 1]]])));
const newer = since => since.localeCompare('6.2.99', 'en', {numeric: true}) > 0;

// The options of a command, and of what they are made of, that came after 6.2.
const newTokens = (args, late) => (args ?? []).map(flat).flatMap(({since, token, arguments: inner}) => {
  const isNew = late || since && newer(since);
  return [...isNew && token ? [token] : [], ...newTokens(inner, isNew)];
});

// Every text that is a Redis command, called outright or by a table, and the call around it.
function calls(lua) {
  const code = lua.replace(/--.*$/gm, '');
  const found = [...code.matchAll(/redis\.p?call\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)].map(([, args]) => args);
  return found.flatMap(args => [...args.matchAll(/'([A-Z]+)'/g)].map(([, word]) => ({word, args})));
}

test('every_command_loads', async () => {
  for (const {name, lua} of scripts)
    equal(await redis.script('LOAD', lua), createHash('sha1').update(lua).digest('hex'), name);
});

test('no_command_and_no_option_is_newer_than_6_2', async t => {
  if (!newer(/redis_version:(\S+)/.exec(await redis.info('server'))[1]))
    return t.skip('a server of 6.2 has no other commands, and cannot tell');
  const known = new Set((await redis.command('LIST')).map(name => name.toUpperCase()));
  let seen = 0;
  for (const {name, lua} of scripts) {
    for (const {word, args} of calls(lua)) {
      if (!known.has(word)) continue;
      seen++;
      const [, docs] = await redis.command('DOCS', word);
      const {since, arguments: options} = flat(docs);
      assert(!newer(since), `${name}: ${word} came with ${since}`);
      for (const token of newTokens(options)) assert(!args.includes(`'${token}'`), `${name}: ${word} ... ${token}`);
    }
  }
  assert(seen > 300, `only ${seen} calls were found`);
});

test('of_what_redis_gives_only_call_and_pcall_are_used', () => {
  for (const {name, lua} of scripts) {
    const used = [...lua.replace(/--.*$/gm, '').matchAll(/redis\.(\w+)/g)].map(([, member]) => member);
    deepEqual(used.filter(member => !['call', 'pcall'].includes(member)), [], name);
  }
});

test('the_name_tells_how_many_keys_there_are', () => {
  for (const {name, keys, lua} of scripts) {
    const used = [...lua.matchAll(/KEYS\[(\d+)\]/g)].map(([, n]) => Number(n));
    assert(Math.max(...used, 0) <= keys, name);
    const described = [.../^-- KEYS( {2}\d.*(?:\n-- {7}\d.*)*)/m.exec(lua)[1].matchAll(/(?<=\s)(\d+) /g)].map(([,
      n]) => Number(n));
    equal(Math.max(...described, 0), keys, name);
  }
});

test('luacheck_has_nothing_to_say', t => {
  for (const {name, lua} of scripts) {
    const {error, status, stdout} = spawnSync('luacheck',
      ['--no-color', '--config', `${root}/.luacheckrc`, '--filename', name, '-'], {input: lua});
    if (error?.code === 'ENOENT' && !process.env.CI) return t.skip('luacheck is not installed');
    equal(error, undefined);
    equal(status, 0, `${name}\n${stdout}`);
  }
});
