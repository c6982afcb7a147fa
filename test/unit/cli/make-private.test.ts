// The guard's memory and the files beside it are for their owner alone.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makePrivate } from '../../../src/cli/make-private.ts';

test('a file and its log lose the rights of others; what is not there is left so', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-private-'));
  try {
    const path = join(directory, 'oneup.db.guard');
    for (const suffix of ['', '-wal']) {
      writeFileSync(path + suffix, '');
      chmodSync(path + suffix, 0o644);
    }
    await makePrivate(path);
    for (const suffix of ['', '-wal']) assert.equal(statSync(path + suffix).mode & 0o777, 0o600);
    assert.throws(() => statSync(`${path}-shm`), { code: 'ENOENT' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
