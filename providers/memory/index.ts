// The reference provider: the plainest reading of the contract, with faults on request. For tests, drills and trying out;
// its zones end with the process.
import { OneupError } from '../../src/base/oneup-error.ts';
import type { DnsProvider, ProviderCapabilities } from '../../src/ports/dns-provider.ts';
import { applyFailure, unanswered } from '../apply-failure.ts';
import { refuseChanges } from '../check-changes.ts';
import { atNames, findConflict, namesOf } from '../compare-before.ts';
import type { MemoryZones } from './memory-zones.ts';

export type MemoryProviderFaults = {
  /** Whether the provider can be reached at all, asked before every call. */
  readonly isReachable: () => boolean;
  /** What becomes of a write that passed every guard, asked once per write. */
  readonly fateOfWrite: () => 'answered' | 'writtenUnanswered' | 'droppedUnanswered' | 'throttled';
  /** How often `confirm` answers pending before a change is in sync. */
  readonly pendingConfirms: number;
};

export type MemoryProviderOptions = {
  readonly name: string;
  readonly zones: MemoryZones;
  readonly faults?: Partial<MemoryProviderFaults>;
};

const NO_FAULTS: MemoryProviderFaults = { isReachable: () => true, fateOfWrite: () => 'answered', pendingConfirms: 0 };
const THROTTLED_RETRY_MS = 1_000;

const CAPABILITIES: ProviderCapabilities = {
  atomicBatch: true,
  conditionalWrite: true,
  ttlMinSeconds: 1,
  ttlMaxSeconds: 86_400,
  granularity: 'rrset',
  readAfterWrite: true,
  remembersKeys: true,
  followsSuspicion: true,
  types: ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT'],
};

export function createMemoryProvider({ name, zones, faults }: MemoryProviderOptions): DnsProvider {
  const { isReachable, fateOfWrite, pendingConfirms } = { ...NO_FAULTS, ...faults };
  const pending = new Map<string, number>();
  const apply: DnsProvider['apply'] = async (zone, changes, { idempotencyKey, signal }) => {
    const refused = refuseChanges(zone, changes, CAPABILITIES);
    if (refused !== null) return refused;
    if (signal.aborted)
      return applyFailure(
        'ONEUP_PROVIDER_UNREACHABLE',
        `Cannot write ${zone}: the deadline passed before anything was sent`,
      );
    if (!isReachable())
      return applyFailure('ONEUP_PROVIDER_UNREACHABLE', `Cannot write ${zone}: provider ${name} does not answer`);
    const repeated = zones.changeIdOf(idempotencyKey);
    if (repeated !== null) return { kind: 'applied', changeId: repeated };
    const current = atNames(zones.list(zone), namesOf(changes));
    const reason = findConflict(changes, current);
    if (reason !== null) return { kind: 'conflict', current, reason };
    const fate = fateOfWrite();
    if (fate === 'throttled')
      return applyFailure('ONEUP_PROVIDER_THROTTLED', `Provider ${name} asks to slow down`, {
        retryAfterMs: THROTTLED_RETRY_MS,
      });
    if (fate === 'droppedUnanswered') return unanswered(`Provider ${name} did not answer a write to ${zone}`);
    const changeId = zones.write(zone, changes, idempotencyKey);
    if (fate === 'writtenUnanswered') return unanswered(`Provider ${name} did not answer a write to ${zone}`);
    return { kind: 'applied', changeId };
  };
  return {
    name,
    kind: 'memory',
    capabilities: CAPABILITIES,
    list: async (zone, { names, signal }) => {
      signal.throwIfAborted();
      if (isReachable()) return atNames(zones.list(zone), names);
      throw new OneupError('ONEUP_PROVIDER_UNREACHABLE', `Cannot list ${zone}: provider ${name} does not answer`);
    },
    apply,
    confirm: async (changeId) => {
      const left = pending.get(changeId) ?? pendingConfirms;
      pending.set(changeId, Math.max(0, left - 1));
      return left > 0 ? 'pending' : 'insync';
    },
  };
}
