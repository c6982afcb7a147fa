// The mark on the disk: durable when raised, never lower, never half, and never silently forgotten (S4).
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HighWater } from '../../../src/store/high-water.ts';

const MARK = { generation: { number: 1, id: 'x' }, revision: 10, term: 2, epochs: { web: 1 } };

test('a raised mark is read back by the next process', async () => {
  using place = makePlace();
  assert.equal((await HighWater.open(place.path)).mark(), null);
  const water = await HighWater.open(place.path);
  await water.raise(MARK);
  assert.deepEqual((await HighWater.open(place.path)).mark(), MARK);
  assert.deepEqual(readdirSync(place.directory), ['mark.json']);
  assert.equal(statSync(place.path).mode & 0o777, 0o600);
});

test('a mark never falls, on the disk or in memory', async () => {
  using place = makePlace();
  const water = await HighWater.open(place.path);
  await water.raise(MARK);
  await water.raise({ ...MARK, revision: 5, term: 1, epochs: { web: 0, db: 3 } });
  const expected = { ...MARK, epochs: { web: 1, db: 3 } };
  assert.deepEqual(water.mark(), expected);
  assert.deepEqual((await HighWater.open(place.path)).mark(), expected);
});

test('raising to what is on the disk writes nothing', async () => {
  using place = makePlace();
  const water = await HighWater.open(place.path);
  await water.raise(MARK);
  const inode = statSync(place.path).ino;
  await water.raise({ ...MARK, revision: 3 });
  assert.equal(statSync(place.path).ino, inode);
});

test('many raises at once share their writes, and all are durable', async () => {
  using place = makePlace();
  const water = await HighWater.open(place.path);
  const revisions = Array.from({ length: 200 }, (_, index) => 100 + ((index * 37) % 200));
  await Promise.all(revisions.map((revision) => water.raise({ ...MARK, revision })));
  assert.equal((await HighWater.open(place.path)).mark()?.revision, 299);
});

test('a raise that cannot be written says so, and a later one makes up for it', async () => {
  using place = makePlace();
  const path = join(place.directory, 'sub', 'mark.json');
  const water = await HighWater.open(path);
  writeFileSync(join(place.directory, 'sub'), 'a file where a directory is needed');
  await assert.rejects(water.raise(MARK));
  assert.deepEqual(water.mark(), MARK);
  rmSync(join(place.directory, 'sub'));
  await water.raise(MARK);
  assert.deepEqual((await HighWater.open(path)).mark(), MARK);
});

test('a damaged mark is an error with a name, and is left as it is', async () => {
  using place = makePlace();
  for (const text of ['', '{"generation":{"numb', 'x'.repeat(1024 * 1024 + 1)]) {
    writeFileSync(place.path, text);
    await assert.rejects(HighWater.open(place.path), { code: 'ONEUP_STATE_CORRUPT' });
    assert.equal(readFileSync(place.path, 'utf8'), text);
  }
  rmSync(place.path);
  mkdirSync(place.path);
  await assert.rejects(HighWater.open(place.path), { code: 'ONEUP_STATE_CORRUPT' });
});

function makePlace(): Disposable & { readonly directory: string; readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-mark-'));
  chmodSync(directory, 0o700);
  return {
    directory,
    path: join(directory, 'mark.json'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
