// Which file is opened, who may create it, and what is refused before a single question is asked (S4).
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createDatabase } from '../../../../src/store/sqlite/create-database.ts';
import { SCHEMA_VERSION } from '../../../../src/store/sqlite/schema.ts';
import { makeSqliteFile, type SqliteFile } from '../../../support/sqlite-file.ts';
import { mustGet, put } from '../../../support/store-calls.ts';

test('only create makes a file; without it a missing store is named and nothing appears', async () => {
  await using file = makeSqliteFile();
  await assert.rejects(file.open({ create: false }), { code: 'ONEUP_STORE_NOT_INITIALISED' });
  assert.deepEqual(readdirSync(file.directory), []);
});

test('create makes the directory too, leaves nothing unfinished, and keeps others out', async () => {
  await using file = makeSqliteFile();
  const path = join(file.directory, 'var', 'lib', 'oneup.db');
  await file.open({ path });
  assert.deepEqual(readdirSync(join(file.directory, 'var', 'lib')).sort(), [
    'oneup.db',
    'oneup.db-shm',
    'oneup.db-wal',
  ]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('create leaves a store that is there as it is', async () => {
  await using file = makeSqliteFile();
  await put(await file.open(), '/k', '1');
  assert.equal((await mustGet(await file.open({ create: true }), '/k')).value, '1');
});

test('creating a store where another process just did leaves the other one in place', async () => {
  await using file = makeSqliteFile();
  createDatabase(file.path);
  const inode = statSync(file.path).ino;
  createDatabase(file.path);
  assert.equal(statSync(file.path).ino, inode);
  assert.deepEqual(readdirSync(file.directory), ['oneup.db']);
});

test('of many that create at once all use one file', async () => {
  await using file = makeSqliteFile();
  const stores = await Promise.all(Array.from({ length: 5 }, () => file.open()));
  for (const [index, store] of stores.entries()) await put(store, `/k/${index}`, '1');
  for (const store of stores) assert.equal((await store.list('/k/')).entries.length, 5);
});

test('a link and a relative path mean the file behind them', async () => {
  await using file = makeSqliteFile();
  const link = join(file.directory, 'link.db');
  await put(await file.open(), '/k', '1');
  symlinkSync(file.path, link);
  for (const path of [link, relative(process.cwd(), file.path)]) {
    assert.equal((await mustGet(await file.open({ path, create: false }), '/k')).value, '1');
  }
  assert.deepEqual(
    readdirSync(file.directory).filter((name) => name.startsWith('link')),
    ['link.db'],
  );
});

const BROKEN: Readonly<Record<string, (file: SqliteFile) => void>> = {
  'an empty file': ({ path }) => writeFileSync(path, ''),
  'a file that is no database': ({ path }) => writeFileSync(path, 'no database at all\n'.repeat(500)),
  'a database of another program': ({ path }) => {
    rmSync(path);
    const db = new DatabaseSync(path);
    db.exec('CREATE TABLE t (a)');
    db.close();
  },
  'a store that was cut off': ({ path }) => truncateSync(path, Math.floor(statSync(path).size / 2)),
  'a store with damaged pages': ({ path }) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0xff, 4_096, bytes.length));
  },
};

for (const [what, destroy] of Object.entries(BROKEN)) {
  test(`${what} is refused as corrupt, also with create, and stays as it was`, async () => {
    await using file = makeSqliteFile();
    const store = await file.open();
    for (let n = 0; n < 20; n++) await put(store, `/k/${n}`, 'x'.repeat(2_000));
    await store[Symbol.asyncDispose]();
    const { path } = file;
    destroy(file);
    const before = readFileSync(path);
    await assert.rejects(file.open({ create: false }), { code: 'ONEUP_STORE_CORRUPT' });
    await assert.rejects(file.open({ create: true }), { code: 'ONEUP_STORE_CORRUPT' });
    assert.deepEqual(readFileSync(path), before);
  });
}

test('a store of a newer oneup is refused by name', async () => {
  await using file = makeSqliteFile();
  await (await file.open())[Symbol.asyncDispose]();
  const db = new DatabaseSync(file.path);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  db.close();
  await assert.rejects(file.open(), { code: 'ONEUP_STORE_NEWER' });
});

test('a directory at the path is refused by name', async () => {
  await using file = makeSqliteFile();
  mkdirSync(file.path);
  await assert.rejects(file.open(), { code: 'ONEUP_STORE_UNREACHABLE' });
});

for (const mode of [0o000, 0o444]) {
  test(`a file of mode ${mode.toString(8)} is refused by name to a user without the right to it`, async () => {
    await using file = makeSqliteFile();
    await (await file.open())[Symbol.asyncDispose]();
    chmodSync(file.directory, 0o777);
    chmodSync(file.path, mode);
    assert.equal(await file.child('open').line(), 'ONEUP_STORE_UNREACHABLE');
  });
}
