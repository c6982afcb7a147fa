// The wait of a watch for the next change: over with a wake or its signal, and nothing of it stays at a signal that lives on.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { WakeList } from '../../../src/store/wake-list.ts';

test('a wait that a wake has ended leaves nothing at the signal of its watch', async () => {
  const wakes = new WakeList();
  const { signal } = new AbortController();
  const waited = wakes.waitAfter(wakes.wakeCount(), signal);
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  wakes.wakeAll();
  await waited;
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('a signal ends a wait without a wake', async () => {
  const wakes = new WakeList();
  const end = new AbortController();
  const waited = wakes.waitAfter(wakes.wakeCount(), end.signal);
  end.abort();
  await waited;
});
