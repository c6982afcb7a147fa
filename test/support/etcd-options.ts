// What tests of etcd say alike: how a store is opened, and waiting until something holds.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { EtcdStoreOptions } from '../../src/store/etcd/open-etcd-store.ts';

export const clock = createSystemClock();
export const TTL_MS = 6_000;
/** For tests that wait until a call is given up; all others have time that no busy machine needs. */
export const CALL_TIMEOUT_MS = 3_000;
const PATIENT_CALL_MS = 20_000;

/** A namespace of its own each time. */
export function etcdOptions(endpoints: readonly string[], changes: Partial<EtcdStoreOptions> = {}): EtcdStoreOptions {
  const namespace = `/test/${randomUUID()}/`;
  const open = { username: null, password: null, tls: null, root: '' };
  const timing = { clock, bounds: { rho: 0.01, marginMs: 100 }, callTimeoutMs: PATIENT_CALL_MS };
  return { endpoints, namespace, ...open, ...timing, ...changes };
}

export const urlOf = (port: number) => `http://127.0.0.1:${port}`;
export const portOf = (url: string) => Number(new URL(url).port);

export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await sleep(20)) if (await holds()) return;
  assert.fail(`not within ${withinMs} ms: ${what}`);
}
