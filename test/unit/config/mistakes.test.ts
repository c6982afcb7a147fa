// One file for each mistake, with the message that people get beside it. UPDATE_GOLDEN=1 rewrites the messages: read the
// difference before committing it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { configInput, TEST_SECRET } from '../../support/config-input.ts';

describe('parseConfig: mistakes', () => {
  for (const name of fixtures('invalid')) {
    test(`${name} is refused with its message`, () => {
      const parsed = parseConfig(read(`invalid/${name}`), configInput(name));
      assert.ok(!parsed.ok, `${name} was accepted`);
      assert.equal(parsed.error.length, 1, formatProblems(parsed.error));
      assertGolden(`invalid/${name}`, formatProblems(parsed.error));
    });
  }
});

describe('parseConfig: warnings', () => {
  for (const name of fixtures('warnings')) {
    test(`${name} is accepted with its warning`, () => {
      const parsed = parseConfig(read(`warnings/${name}`), configInput(name));
      assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
      assert.equal(parsed.value.warnings.length, 1, formatProblems(parsed.value.warnings));
      assertGolden(`warnings/${name}`, formatProblems(parsed.value.warnings));
    });
  }
});

test('parseConfig accepts the file that all fixtures are made from, without a warning', () => {
  const parsed = parseConfig(read('valid.yaml'), configInput('valid.yaml'));
  assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
  assert.equal(formatProblems(parsed.value.warnings), '');
});

function fixtures(folder: string): readonly string[] {
  const names = readdirSync(new URL(folder, import.meta.url)).filter((name) => name.endsWith('.yaml'));
  assert.ok(names.length > 5, `fixtures of ${folder} were found`);
  return names.sort();
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

function assertGolden(path: string, text: string): void {
  assert.ok(!text.includes(TEST_SECRET), 'the message holds the secret');
  const golden = path.replace(/\.yaml$/, '.txt');
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(new URL(golden, import.meta.url), `${text}\n`);
  assert.equal(`${text}\n`, read(golden));
}
