// The engine's own part in ending sessions: an expiry that waited for a lock is defeated by the renewal that came first.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { waitForPeriodMs } from '../../../../src/base/clock-bounds.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { makeSqliteFile } from '../../../support/sqlite-file.ts';
import { put } from '../../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };
const TTL_MS = 900;

test('an expiry that waited for a lock leaves a session alone that was renewed meanwhile (S5)', async () => {
  await using file = makeSqliteFile();
  const [holding, observing] = [createFakeClock(), createFakeClock()];
  const holder = await file.open({ clock: holding, bounds: BOUNDS, lockWaitMs: 5_000 });
  const session = await holder.openSession({ id: 's', ttlMs: TTL_MS });
  await put(holder, '/k', '1', session.id);
  const observer = await file.open({ clock: observing, bounds: BOUNDS, lockWaitMs: 5_000 });
  await observing.advance(20);

  const shell = new DatabaseSync(file.path);
  shell.exec('BEGIN IMMEDIATE');
  await observing.advance(waitForPeriodMs(TTL_MS, BOUNDS) + 50);
  await holding.advance(TTL_MS / 3 + 20);
  shell.exec('COMMIT');
  shell.close();

  await holding.advance(50);
  assert.ok(session.mayActUntilBootMs() - holding.bootMs() > TTL_MS / 2, 'the renewal came first');
  await observing.advance(50);
  assert.ok(await holder.get('/k'));

  // The same expiry, for a beat that stands still.
  await observing.advance(waitForPeriodMs(TTL_MS, BOUNDS) + 50);
  assert.equal(await observer.get('/k'), null);
});
