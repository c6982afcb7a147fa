// What stays in the memory of a node for years: an agent and its keeper load what they need and nothing of the other roles, so that
// both together are as small as Node lets them be.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Prints every file that is loaded, one a line. */
const SPY = `import { registerHooks } from 'node:module';
import { writeSync } from 'node:fs';
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) writeSync(1, \`loaded \${url}\\n\`);
    return next(url, context);
  },
});
`;

/** Folders of this repository and packages of which a program loads anything. */
function loadedBy(program: string, ...args: readonly string[]): readonly string[] {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-loaded-'));
  const spy = join(directory, 'spy.mjs');
  writeFileSync(spy, SPY);
  const words = ['--import', spy, join(ROOT, program), ...args];
  const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', cwd: directory, timeout: 60_000 });
  rmSync(directory, { recursive: true });
  const files = [...stdout.matchAll(/^loaded file:\/\/(.*)$/gm)].map(([, file = '']) => file);
  assert.ok(files.length > 5, `${program} was not run: ${stdout}`);
  return [...new Set(files.filter((file) => file !== spy).map(placeOf))].sort();
}

function placeOf(file: string): string {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
  return inPackage ?? file.slice(file.lastIndexOf('/src/') + 1).replace(/\/[^/]+$/, '');
}

test('an agent loads its own command, and no other role, store or provider', () => {
  // Without its file it says so, with everything loaded.
  const loaded = loadedBy('src/main.ts', 'agent', '-c', 'missing.yaml');
  assert.ok(loaded.includes('src/agent'));
  const allowed = [
    'src',
    'agent',
    'base',
    'cli',
    'clock',
    'config',
    'config/schema',
    // Names and addresses that a configuration holds are read by the same rules everywhere.
    'dns',
    'job',
    'keeper',
    'ports',
    'probe',
    'telemetry',
  ];
  const rooms = new Set(allowed.map((name) => (name === 'src' ? 'src' : `src/${name}`)));
  assert.deepEqual(
    loaded.filter((place) => place.startsWith('src') && !rooms.has(place)),
    [],
  );
  for (const heavy of ['mysql2', 'pg', 'dns2']) assert.ok(!loaded.includes(heavy), heavy);
  assert.ok(loadedBy('src/main.ts', 'run').includes('src/controller'), 'the look is one that finds something');
});

test('the command line loads no engine, schema or logger before it knows what is asked', () => {
  const loaded = loadedBy('src/main.ts', '--help');
  for (const heavy of ['mysql2', 'pg', 'dns2', 'zod', 'yaml', 'pino']) assert.ok(!loaded.includes(heavy), heavy);
  for (const room of ['controller', 'agent', 'prober', 'server']) assert.ok(!loaded.includes(`src/${room}`), room);
});

test('a keeper loads its own room and no package at all', () => {
  // Without a directory it says how it is used, with everything loaded.
  assert.deepEqual(loadedBy('src/keeper/keeper-process.ts'), ['src/base', 'src/clock', 'src/keeper', 'src/ports']);
});
