// The one member of a SQLite store is its file, with what lies in its log; looking at it changes nothing.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { askSqliteMembers } from '../../../../src/store/sqlite/sqlite-members.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';

test('the file is shown with its size and that of its log, or as silent when it is gone or cannot be seen', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-member-'));
  const limits = { clock: createFakeClock(), timeoutMs: 1_000, signal: new AbortController().signal };
  try {
    const path = join(directory, 'oneup.db');
    const [none] = await askSqliteMembers(path, limits);
    assert.deepEqual([none?.name, none?.state, none?.reason], [path, 'silent', 'there is no such file']);
    await writeFile(path, 'x'.repeat(100));
    await writeFile(`${path}-wal`, 'x'.repeat(11));
    const [file] = await askSqliteMembers(path, limits);
    assert.deepEqual([file?.state, file?.bytes, file?.reason], ['answers', 111, null]);
    assert.match(file?.version ?? '', /^3\./);
    const [hidden] = await askSqliteMembers(join(path, 'below-a-file.db'), limits);
    assert.equal(hidden?.state, 'refuses');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
