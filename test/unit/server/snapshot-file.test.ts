// SnapshotFile on a real directory: what was saved is loaded, what is damaged is refused by name.
import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SNAPSHOT_MAX_OCTETS, SnapshotFile } from '../../../src/server/snapshot-file.ts';
import { writeSnapshotText } from '../../../src/server/snapshot-text.ts';
import type { ZoneSnapshot } from '../../../src/zone/zone-snapshot.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { snapshotOf } from '../../support/dns/zone-text.ts';

const SNAPSHOT = snapshotOf(EXAMPLE_ZONE);
const { signal } = new AbortController();

function withSerial(serial: number): ZoneSnapshot {
  return snapshotOf(EXAMPLE_ZONE.replace('2024010101', String(serial)));
}

async function inDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-snapshot-'));
  try {
    await run(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('SnapshotFile', () => {
  test('loads what it saved, in a directory that it creates', () =>
    inDirectory(async (directory) => {
      const file = new SnapshotFile(join(directory, 'zones'));
      assert.deepEqual(await file.load('example.com.', { signal }), { ok: true, value: null });
      assert.deepEqual(await file.save(SNAPSHOT, { signal }), { ok: true, value: null });
      const loaded = await file.load('example.com.', { signal });
      assert.deepEqual(loaded, { ok: true, value: SNAPSHOT });
      assert.ok(loaded.ok && Object.isFrozen(loaded.value?.rrsets));
    }));

  test('keeps the weights of a name, so that a restart without the store answers as before', () =>
    inDirectory(async (directory) => {
      const file = new SnapshotFile(directory);
      const [first, ...others] = SNAPSHOT.rrsets;
      assert.ok(first !== undefined);
      const weighted = {
        ...SNAPSHOT,
        rrsets: [{ ...first, weights: first.values.map((_, index) => index + 1) }, ...others],
      };
      await file.save(weighted, { signal });
      assert.deepEqual(await file.load('example.com.', { signal }), { ok: true, value: weighted });
    }));

  test('of many saves at once the last one wins, and nothing else is left', () =>
    inDirectory(async (directory) => {
      const file = new SnapshotFile(directory);
      const saves = Array.from({ length: 50 }, (_, index) => file.save(withSerial(index + 1), { signal }));
      for (const outcome of await Promise.all(saves)) assert.equal(outcome.ok, true);
      const loaded = await file.load('example.com.', { signal });
      assert.equal(loaded.ok && loaded.value?.serial, 50);
      assert.equal((await readdir(directory)).length, 1);
    }));

  test('removes what an interrupted write left and keeps the old snapshot', () =>
    inDirectory(async (directory) => {
      const file = new SnapshotFile(directory);
      await file.save(SNAPSHOT, { signal });
      await writeFile(`${file.path('example.com.')}.0001.tmp`, 'half');
      assert.equal((await file.load('example.com.', { signal })).ok, true);
      assert.equal((await readdir(directory)).length, 1);
    }));

  for (const [what, kind, damage] of [
    ['a cut file', 'damaged', (path: string) => truncate(path, 400)],
    ['an appended file', 'damaged', (path: string) => appendFile(path, 'x')],
    ['an empty file', 'unknown-format', (path: string) => truncate(path, 0)],
    ['another file', 'unknown-format', (path: string) => writeFile(path, '{"zone":"example.com."}\n')],
    [
      'one changed octet',
      'damaged',
      async (path: string) => writeFile(path, (await readFile(path, 'utf8')).replace('192.0.2.80', '192.0.2.81')),
    ],
    [
      'a zone without NS',
      'invariant-broken',
      (path: string) => writeFile(path, writeSnapshotText({ ...SNAPSHOT, rrsets: SNAPSHOT.rrsets.slice(1) })),
    ],
    [
      'another zone',
      'other-zone',
      (path: string) => writeFile(path, writeSnapshotText({ ...SNAPSHOT, zone: 'example.net.' })),
    ],
    [
      'a type that nobody knows',
      'damaged',
      (path: string) =>
        writeFile(path, writeSnapshotText({ ...SNAPSHOT, rrsets: [{ ...SNAPSHOT.rrsets[0], type: 'X' } as never] })),
    ],
    ['a huge file', 'too-large', (path: string) => truncate(path, SNAPSHOT_MAX_OCTETS + 1)],
  ] as const) {
    test(`says ${kind} for ${what}`, () =>
      inDirectory(async (directory) => {
        const file = new SnapshotFile(directory);
        await file.save(SNAPSHOT, { signal });
        await damage(file.path('example.com.'));
        const loaded = await file.load('example.com.', { signal });
        assert.ok(!loaded.ok);
        assert.equal(loaded.error.kind, kind);
        assert.ok(loaded.error.reason.includes(file.path('example.com.')));
        await file.save(SNAPSHOT, { signal });
        assert.equal((await file.load('example.com.', { signal })).ok, true);
      }));
  }

  test('says unwritable where it may not write, and works again afterwards', () =>
    inDirectory(async (directory) => {
      const blocked = join(directory, 'zones');
      await writeFile(blocked, 'a file where the directory should be');
      const file = new SnapshotFile(blocked);
      const saved = await file.save(SNAPSHOT, { signal });
      assert.equal(!saved.ok && saved.error.kind, 'unwritable');
      const loaded = await file.load('example.com.', { signal });
      assert.equal(!loaded.ok && loaded.error.kind, 'unreadable');
      await rm(blocked);
      assert.equal((await file.save(SNAPSHOT, { signal })).ok, true);
    }));

  test('has one safe file name for any zone name', () => {
    const file = new SnapshotFile('zones');
    const long = `${'\\000'.repeat(60)}.example.com.`;
    const names = ['.', 'example.com.', '*.example.com.', 'a/../b.example.com.', long, `\\001${long.slice(4)}`];
    const paths = names.map((name) => file.path(name));
    assert.equal(new Set(paths).size, names.length);
    for (const path of paths) assert.match(path, /^zones\/[^/]{1,255}\.zone\.json$/);
  });
});
