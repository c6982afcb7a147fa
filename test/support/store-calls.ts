// Short forms of what store tests say all the time: commit with a fresh token, put one key, follow a watch.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setImmediate as settle } from 'node:timers/promises';
import type { CommitRequest, CommitResult, Store, StoreEntry, WatchEvent } from '../../src/ports/store.ts';

export function commit(store: Store, request: Partial<CommitRequest>): Promise<CommitResult> {
  return store.commit({ guards: [], writes: [], token: randomUUID(), ...request });
}

/** Puts one key and returns its version. */
export async function put(store: Store, key: string, value: string, sessionId?: string): Promise<number> {
  const write = { kind: 'put', key, value, ...(sessionId === undefined ? {} : { sessionId }) } as const;
  const result = await commit(store, { writes: [write] });
  assert.equal(result.kind, 'committed', `put of ${key}: ${JSON.stringify(result)}`);
  return result.kind === 'committed' ? result.revision : Number.NaN;
}

export async function remove(store: Store, key: string): Promise<void> {
  const result = await commit(store, { writes: [{ kind: 'delete', key }] });
  assert.equal(result.kind, 'committed');
}

/** The entry, which must be there. */
export async function mustGet(store: Store, key: string): Promise<StoreEntry> {
  const entry = await store.get(key);
  assert.ok(entry, `${key} is not in the store`);
  return entry;
}

/** Adds one to a counter, again until no other client came in between. */
export async function increment(store: Store, key: string): Promise<void> {
  for (;;) {
    const { value, version } = await mustGet(store, key);
    const guards = [{ kind: 'version', key, version }] as const;
    const writes = [{ kind: 'put', key, value: String(Number(value) + 1) }] as const;
    const result = await commit(store, { guards, writes });
    if (result.kind === 'committed') return;
    assert.equal(result.kind, 'conflict');
  }
}

export type Followed = AsyncDisposable & { readonly events: readonly WatchEvent[]; readonly ended: Promise<void> };

/** Collects the events of a watch until disposed. */
export function follow(store: Store, prefix: string, fromRevision: number): Followed {
  const controller = new AbortController();
  const events: WatchEvent[] = [];
  const ended = (async () => {
    for await (const event of store.watch(prefix, { fromRevision, signal: controller.signal })) events.push(event);
  })();
  return {
    events,
    ended,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await ended;
    },
  };
}

/**
 * Puts the key once more and says whether the watch has told any of these puts. A watch that lost its place may say `resync` again
 * after one of them, which is then part of the new list and never told.
 */
export async function putIsTold(store: Store, watch: Followed, key: string): Promise<boolean> {
  await commit(store, { writes: [{ kind: 'put', key, value: '1' }] }).catch(() => null);
  return watch.events.some((event) => event.kind === 'put' && event.entry.key === key);
}

/** Lets promises settle that wait for no clock. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settle();
}

/** Events in a form that reads well in a failed comparison. */
export function spell(events: readonly WatchEvent[]): readonly string[] {
  return events.map((event) => {
    if (event.kind === 'resync') return 'resync';
    if (event.kind === 'delete') return `${event.revision} delete ${event.key}`;
    return `${event.revision} put ${event.entry.key}=${event.entry.value}`;
  });
}
