// The table of rules that are left out fits the product and names every rule, and nothing in oneup knows of the simulation.
// That each is found is shown by the files missing-*.test.ts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { definedSafetyRules } from '../support/house/safety-rules.ts';
import { isTypeScript, REPOSITORY, readTree } from '../support/house/source-tree.ts';
import { applyEdits, EDITED, PRODUCT } from './load-mutated.ts';
import { MUTATIONS } from './mutations.ts';
import { RULES_ELSEWHERE } from './rules-elsewhere.ts';

describe('rules that are left out', () => {
  test('every edit fits exactly once in all that can be edited, and changes it', () => {
    const texts = readTree([...EDITED], isTypeScript).map(({ text }) => text);
    for (const { id, edits } of MUTATIONS) {
      for (const { find, replace } of edits) {
        const times = texts.reduce((count, text) => count + text.split(find).length - 1, 0);
        assert.equal(times, 1, `the edit of ${id} is stale, its text is there ${times} times: ${find}`);
        assert.notEqual(applyEdits(find, [{ find, replace }]), find);
      }
    }
  });

  test('every rule is left out here or has another test', () => {
    const here = MUTATIONS.map(({ id }) => id.replace(/[a-z]$/, ''));
    const elsewhere = RULES_ELSEWHERE.map(({ rule }) => rule);
    const told = new Set([...here, ...elsewhere]);
    assert.deepEqual(
      definedSafetyRules(read('docs/safety.md')).filter((rule) => !told.has(rule)),
      [],
    );
    for (const { file, test: name } of RULES_ELSEWHERE) assert.ok(read(file).includes(name), `${file} has no: ${name}`);
  });
});

describe('the product knows nothing of it', () => {
  const IMPORTS = /\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'/g;
  const importsOf = (text: string) => [...text.matchAll(IMPORTS)].map((match) => match[1] ?? match[2] ?? '');

  test('neither src nor providers import from test', () => {
    for (const { path, text } of readTree([...PRODUCT], isTypeScript))
      for (const name of importsOf(text)) assert.ok(!name.includes('/test/'), `${path} imports ${name}`);
  });

  test('the hook that edits is used by the simulation alone', () => {
    const files = readTree(['src', 'providers', 'test', 'bench', 'config', 'docs'], isTypeScript);
    const users = files.filter(({ text }) => importsOf(text).some((name) => /load-mutated|play-job\b/.test(name)));
    assert.ok(users.length > 0);
    for (const { path } of users) assert.ok(path.startsWith('test/sim/'), `${path} can edit the product`);
  });
});

function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}
