// Several processes on one store file, some of which are killed at the worst moment.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { makeSqliteFile } from '../../../support/sqlite-file.ts';
import { mustGet, put } from '../../../support/store-calls.ts';

/** A child on a busy machine renews within this. */
const TTL_MS = 3_000;

test('a process killed with SIGKILL loses its session after its ttl, and not before', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await using child = file.child('hold', TTL_MS);
  assert.equal(await child.line(), 'held');
  const startMs = performance.now();
  await file.until(() => performance.now() - startMs > 2 * TTL_MS);
  assert.ok(await store.get('/held'), 'a living process renews');
  await child.kill();
  const killedMs = performance.now();
  await file.until(async () => (await store.get('/held')) === null);
  const tookMs = performance.now() - killedMs;
  // The last renewal may have been a third of the ttl ago when the process was killed.
  assert.ok(tookMs >= TTL_MS / 2, `it vanished ${tookMs} ms after the kill`);
});

test('kill -9 in the middle of commits leaves whole commits only, and loses none that was answered', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  for (let round = 0; round < 5; round++) {
    await using child = file.child('loop');
    for (let lines = 0; lines < 20 + 7 * round; lines++) await child.line();
    await child.kill();
    const answered = Math.max(...(await child.rest()).map(Number).filter(Number.isInteger), 20 + 7 * round);
    const [left, right] = [await mustGet(store, '/left'), await mustGet(store, '/right')];
    assert.deepEqual([right.value, right.version], [left.value, left.version]);
    assert.ok(Number(left.value) >= answered, `${left.value} is in the store, ${answered} was answered`);
  }
  const db = new DatabaseSync(file.path);
  assert.deepEqual(Object.values(db.prepare('PRAGMA integrity_check').get() ?? {}), ['ok']);
  db.close();
});

test('two processes raise a counter 200 times each without a lost update', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await put(store, '/n', '0');
  const children = [file.child('count', 200), file.child('count', 200)];
  for (const child of children) assert.equal(await child.line(), 'counted');
  assert.equal((await mustGet(store, '/n')).value, '400');
});

test('a disk that fails at COMMIT makes the outcome unknown, and outcomeOf settles it truthfully (S6)', async () => {
  await using file = makeSqliteFile();
  const store = await file.open();
  await put(store, '/filled', 'nothing yet');
  // The size limit makes the write of the commit fail, as a broken disk would: 400 blocks of at most 1 KiB.
  await using child = file.limitedChild('ulimit -f 400', 'fill');
  const [kind, token = '', health] = (await child.line()).split(' ');
  assert.deepEqual([kind, health], ['unknown', 'lost']);
  await child.kill();
  const round = token.replace('fill-', '');
  const isWritten = (await mustGet(store, '/filled')).value.startsWith(`${round} `);
  assert.equal(await store.outcomeOf(token), isWritten ? 'committed' : 'absent');
  assert.ok(Number(round) > 0);
  assert.equal(await store.outcomeOf('fill-0'), 'committed');
});

test('a file locked by another process makes commits fail by name after the lock wait, while reads go on', async () => {
  await using file = makeSqliteFile();
  const store = await file.open({ lockWaitMs: 2_000 });
  await put(store, '/k', '1');
  await using child = file.child('lock');
  assert.equal(await child.line(), 'locked');
  let turns = 0;
  const ticking = setInterval(() => turns++, 5);
  await assert.rejects(put(store, '/k', '2'), { code: 'ONEUP_STORE_BUSY' });
  clearInterval(ticking);
  assert.ok(turns >= 8, `the event loop turned ${turns} times in 2 s`);
  assert.equal((await mustGet(store, '/k')).value, '1');
  const health = store.health();
  assert.ok(health.kind === 'lost' && health.code === 'ONEUP_STORE_BUSY', JSON.stringify(health));
  const waiting = put(await file.open({ lockWaitMs: 30_000 }), '/k', '3');
  await child.kill();
  await waiting;
  await put(store, '/k', '4');
  assert.equal(store.health().kind, 'reachable');
});

test('a session survives a lock shorter than its ttl, and is lost by a longer one', async () => {
  await using file = makeSqliteFile();
  const store = await file.open({ lockWaitMs: 50 });
  const session = await store.openSession({ id: 's', ttlMs: 2 * TTL_MS });
  const short = file.child('lock');
  await short.line();
  const lockedMs = performance.now();
  await file.until(() => performance.now() - lockedMs > TTL_MS);
  await short.kill();
  await file.until(() => store.health().kind === 'reachable');
  const long = file.child('lock');
  await long.line();
  assert.match(await session.lost, /no renewal/);
});
