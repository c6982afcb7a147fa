// Records, plans and expectations that the provider suite is written with.
import assert from 'node:assert/strict';
import type { Rrset } from '../../src/dns/rrset.ts';
import type { DnsIntent } from '../../src/failover/intent.ts';
import { managedNames } from '../../src/plan/ownership.ts';
import { type DnsWritePlan, planDnsWrite } from '../../src/plan/plan-dns-write.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult } from '../../src/ports/dns-provider.ts';

export const ZONE = 'example.com.';
export const OTHER_ZONE = 'example.net.';
export const NAME = 'app.example.com.';
export const OTHER_NAMES = ['one', 'two', 'three'].map((label) => `${label}.${ZONE}`);
export const NAMES = [...managedNames(NAME), ...OTHER_NAMES];
/** Within the range of every provider. */
export const TTL_SECONDS = 120;

export function planFrom(current: readonly Rrset[], intent: DnsIntent, confirmed: DnsIntent | null): DnsWritePlan {
  return planDnsWrite({
    cluster: 'prod',
    generation: 1,
    service: 'app',
    record: {
      name: NAME,
      zone: ZONE,
      ttl: { steadySeconds: 120, suspectSeconds: 60, settlingSeconds: 60 },
      sorry: null,
    },
    nodes: [
      { id: 'a', address: '192.0.2.1' },
      { id: 'b', address: '192.0.2.2' },
      { id: 'c', address: '2001:db8::1' },
    ],
    intent,
    confirmed,
    unconfirmed: [],
    current,
    adoptsRecord: false,
    repairsDrift: false,
  });
}

export function a(value: string, ttlSeconds = TTL_SECONDS, ...more: readonly string[]): Rrset {
  return { name: NAME, type: 'A', ttlSeconds, values: [value, ...more] };
}

export function aaaa(...values: readonly string[]): Rrset {
  return { name: NAME, type: 'AAAA', ttlSeconds: TTL_SECONDS, values };
}

export function txt(value: string): Rrset {
  return { name: NAME, type: 'TXT', ttlSeconds: TTL_SECONDS, values: [value] };
}

export function create(after: Rrset): RrsetChange {
  return { before: null, after };
}

export function sorted(rrsets: readonly Rrset[]): readonly Rrset[] {
  return rrsets.toSorted((left, right) => (left.type < right.type ? -1 : 1));
}

export function assertApplied(result: ApplyResult): void {
  assert.equal(result.kind, 'applied', JSON.stringify(result));
}

export function assertConflict(result: ApplyResult, current: readonly Rrset[]): void {
  assert.ok(result.kind === 'conflict', JSON.stringify(result));
  assert.deepEqual(result.current, current);
  assert.ok(result.reason.length > 0);
}
