// A store file that goes wrong while it is in use: every call says so by name, and nothing is answered from a file that
// nobody else can see (S4).
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Store } from '../../../../src/ports/store.ts';
import { makeSqliteFile } from '../../../support/sqlite-file.ts';
import { follow, mustGet, put, spell } from '../../../support/store-calls.ts';

const LOST = { code: 'ONEUP_STORE_LOST' };
const CORRUPT = { code: 'ONEUP_STORE_CORRUPT' };

for (const suffix of ['', '-wal', '-shm']) {
  test(`a deleted ${suffix || 'store file'} is store loss for commits at once and for every call soon`, async () => {
    await using file = makeSqliteFile();
    const store = await file.open();
    await put(store, '/k', '1');
    rmSync(file.path + suffix);
    await assert.rejects(put(store, '/k', '2'), LOST);
    await assertEveryCallFails(store);
    const health = store.health();
    assert.ok(health.kind === 'lost' && health.code === 'ONEUP_STORE_LOST', JSON.stringify(health));
  });
}

test('reads notice a deleted file soon, also without a commit', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await put(store, '/k', '1');
  rmSync(file.path);
  await file.until(() => store.get('/k').then(isFalse, isTrue));
});

test('a file that comes back is used again, and watches say resync', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  const revision = await put(store, '/k', '1');
  await using watch = follow(store, '/', revision);
  const aside = join(file.directory, 'aside.db');
  renameSync(file.path, aside);
  await assert.rejects(put(store, '/k', '2'), LOST);
  await assert.rejects(store.get('/k'), LOST);
  renameSync(aside, file.path);
  await put(store, '/k', '3');
  const later = await put(store, '/k', '4');
  await file.until(() => spell(watch.events).includes(`${later} put /k=4`));
  assert.equal(spell(watch.events)[0], 'resync');
});

test('a replaced file is store loss for ever, though it holds the same bytes', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await put(store, '/k', '1');
  const copy = join(file.directory, 'copy.db');
  copyFileSync(file.path, copy);
  renameSync(copy, file.path);
  await assert.rejects(put(store, '/k', '2'), LOST);
  await assertEveryCallFails(store);
  await assertEveryCallFails(store);
});

test('a session on a deleted file is lost by its own deadline', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  const session = await store.openSession({ id: 's', ttlMs: 200 });
  rmSync(file.path);
  assert.match(await session.lost, /no renewal/);
});

test('a file cut off while in use is corrupt, and not read from memory', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  for (let n = 0; n < 50; n++) await put(store, `/k/${n}`, 'x'.repeat(2_000));
  checkpoint(file.path);
  await store.list('/');
  truncateSync(file.path, 8_192);
  await assert.rejects(put(store, '/k/0', '2'), CORRUPT);
  await assert.rejects(store.list('/'), CORRUPT);
  assert.equal(store.health().kind, 'lost');
});

test('a file cut off behind pages that are still in memory is noticed all the same', async () => {
  await using file = makeSqliteFile();
  const first = await file.open();
  // Small values: those that need pages of their own are read from the disk each time.
  for (let n = 0; n < 200; n++) await put(first, `/k/${n}`, 'x'.repeat(200));
  await first[Symbol.asyncDispose]();
  const store = await file.open();
  // With something in the log SQLite takes the size of the database from there, and does not look at the file.
  await put(store, '/k/last', '1');
  assert.equal((await store.list('/')).entries.length, 201);
  truncateSync(file.path, 8_192);
  await file.until(() => store.get('/k/0').then(isFalse, isTrue));
  await assert.rejects(store.get('/k/0'), CORRUPT);
});

test('a file that an operator compacts is accepted', async () => {
  await using file = makeSqliteFile();
  const store = await file.open({ logRevisionsMax: 10 });
  for (let n = 0; n < 60; n++) await put(store, '/k', 'x'.repeat(20_000));
  checkpoint(file.path);
  const beforeBytes = statSync(file.path).size;
  const shell = new DatabaseSync(file.path);
  shell.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  shell.close();
  assert.ok(statSync(file.path).size < beforeBytes, 'the file did shrink');
  await put(store, '/k', '1');
  assert.equal((await mustGet(store, '/k')).value, '1');
});

test('a file whose permissions are taken away either goes on or fails by name', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await put(store, '/k', '1');
  chmodSync(file.path, 0o000);
  chmodSync(`${file.path}-wal`, 0o000);
  // The descriptors were opened with the right to write, which a later chmod does not take back.
  await put(store, '/k', '2');
  assert.equal((await mustGet(store, '/k')).value, '2');
});

test('rows of the wrong shape are corrupt, and the key is named', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await put(store, '/good', '1');
  const vandal = new DatabaseSync(file.path);
  vandal.exec(`DROP TABLE entries; CREATE TABLE entries (key, value, version, sessionId);
    INSERT INTO entries VALUES ('/good', '1', 1, NULL), ('/bad', 7, 1, NULL), ('/huge', '1', 9007199254740993, NULL)`);
  vandal.close();
  assert.equal((await mustGet(store, '/good')).value, '1');
  await assert.rejects(store.get('/bad'), { ...CORRUPT, message: /value of "\/bad".*number 7/ });
  await assert.rejects(store.list('/'), CORRUPT);
  await assert.rejects(store.get('/huge'), CORRUPT);
});

test('a missing table is corrupt', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  const vandal = new DatabaseSync(file.path);
  vandal.exec('DROP TABLE tokens');
  vandal.close();
  await assert.rejects(put(store, '/k', '1'), CORRUPT);
  await assert.rejects(store.outcomeOf('t'), CORRUPT);
});

test('a store that reached its size says so, writes nothing, and goes on when there is room', async () => {
  await using file = makeSqliteFile();
  const store = await file.open({ bytesMax: 300_000, logRevisionsMax: 10 });
  const large = 'x'.repeat(100_000);
  await put(store, '/a', large);
  await assert.rejects(put(store, '/b', large + large), { ...LOST, message: /full/ });
  assert.equal(await store.get('/b'), null);
  assert.equal((await mustGet(store, '/a')).value, large);
  for (let n = 0; n < 20; n++) await put(store, '/a', String(n));
  await put(store, '/b', large);
});

async function assertEveryCallFails(store: Store): Promise<void> {
  const calls = [
    () => store.get('/k'),
    () => store.list('/'),
    () => store.outcomeOf('t'),
    () => put(store, '/k', '9'),
    () => store.openSession({ id: 'late', ttlMs: 1_000 }),
  ];
  for (const call of calls) await assert.rejects(call(), LOST, String(call));
}

function checkpoint(path: string): void {
  const shell = new DatabaseSync(path);
  shell.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  shell.close();
}

function isTrue(): boolean {
  return true;
}

function isFalse(): boolean {
  return false;
}
