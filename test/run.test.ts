// The runner of the suites: what its last line says, when a run is good, and that it leaves no policy file behind.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { SuiteResult } from './support/run/run-suite.ts';
import { formatFailures, formatLastLine, formatSummary, isGood } from './support/run/summary.ts';
import { withServicesHeld } from './support/run/with-services-held.ts';

const GOOD: SuiteResult = { name: 'unit', passed: 120, failed: 0, skipped: 1, durationMs: 2_345, failures: [] };
const FAILURE = { file: 'test/a.test.ts', test: 'a story', reason: `first line\n  second ${'x'.repeat(1_000)}` };
const BAD: SuiteResult = {
  name: 'e2e',
  passed: 3,
  failed: 2,
  skipped: 0,
  durationMs: 65_000,
  failures: [FAILURE],
};
const EMPTY: SuiteResult = { name: 'net', passed: 0, failed: 0, skipped: 0, durationMs: 1, failures: [] };

describe('summary of a run', () => {
  test('the last line counts all suites', () => {
    assert.equal(formatLastLine([GOOD, BAD, EMPTY]), '123 passed, 2 failed');
    assert.equal(formatLastLine([GOOD]), '120 passed, 0 failed');
  });

  test('the table has a row for each suite', () => {
    assert.deepEqual(formatSummary([GOOD, BAD, EMPTY]).split('\n'), [
      'ok      unit    2.35s  120 passed, 0 failed, 1 skipped',
      'FAILED  e2e     1m05s  3 passed, 2 failed',
      'ok      net       1ms  no tests',
    ]);
  });

  test('what failed is said again at the end, each in one short line', () => {
    assert.match(
      formatFailures([GOOD, BAD]),
      /^FAILED {2}e2e {2}test\/a\.test\.ts: a story: first line second x{50,600} \.\.\.$/,
    );
    assert.equal(formatFailures([GOOD, EMPTY]), '');
    const many = { ...BAD, failures: Array.from({ length: 25 }, () => FAILURE) };
    assert.match(formatFailures([many]), /\nand 5 more$/);
  });

  test('a run is good when nothing failed and something passed', () => {
    assert.deepEqual([[GOOD], [GOOD, EMPTY], [GOOD, BAD], [EMPTY], []].map(isGood), [true, true, false, false, false]);
  });
});

describe('withServicesHeld', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oneup-run-'));
  const file = join(folder, 'policy');

  test('holds services during the work and cleans up, also after a failure', () => {
    withServicesHeld(() => {
      assert.match(readFileSync(file, 'utf8'), /exit 101/);
      assert.equal(statSync(file).mode & 0o777, 0o755);
    }, file);
    assert.equal(existsSync(file), false);
    const fail = () => {
      throw new Error('apt failed');
    };
    assert.throws(() => withServicesHeld(fail, file), /apt failed/);
    assert.equal(existsSync(file), false);
  });

  test('leaves a policy of the machine alone', (t) => {
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(file, 'theirs');
    withServicesHeld(() => undefined, file);
    assert.equal(readFileSync(file, 'utf8'), 'theirs');
  });
});
