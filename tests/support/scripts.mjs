// Our Lua commands, flattened as the build does it.

import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const flatten = process.env.BULLPEN_FLATTEN ?? resolve(root, process.env.BUILD ?? 'build', 'flatten');

function buildFlatten() {
  mkdirSync(dirname(flatten), {recursive: true});
  execFileSync(process.env.CC ?? 'cc',
    ['-std=gnu11', '-D_GNU_SOURCE', '-I.', '-O2', '-o', flatten, 'queue/flatten.c'], {cwd: root});
}

// [{name, keys, lua}]
export function readScripts() {
  if (!existsSync(flatten)) buildFlatten();
  return readdirSync(join(root, 'lua')).filter(file => file.endsWith('.lua')).map(file => {
    const [, name, keys] = /^(\w+)-(\d+)\.lua$/.exec(file);
    const lua = execFileSync(flatten, [join(root, 'lua', file)], {encoding: 'utf8'});
    return {name, keys: Number(keys), lua};
  });
}

// Makes each of them a method of an ioredis client. With a version they take the place of
// BullMQ's own, which are called "name:version".
export function defineScripts(client, version, scripts = readScripts()) {
  for (const {name, keys, lua} of scripts)
    client.defineCommand(version ? `${name}:${version}` : name, {numberOfKeys: keys, lua});
  return client;
}
