// The built-in provider: records live in the cluster's own store and oneup's name servers answer from them. A write is one
// commit, guarded by the version of every record it touches, so a stale controller's write fails in the store itself (S26).
import { createHash } from 'node:crypto';
import type { DomainName } from '../../src/base/ids.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { StoreKeys } from '../../src/base/store-keys.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../src/ports/dns-provider.ts';
import type { CommitResult, Store } from '../../src/ports/store.ts';
import { applyFailure, unanswered } from '../apply-failure.ts';
import { refuseChanges } from '../check-changes.ts';
import { atNames, findConflict, namesOf } from '../compare-before.ts';
import { BUILTIN_CAPABILITIES } from './capabilities.ts';
import { readZone, zoneCommit } from './zone-records.ts';

export type BuiltinProviderOptions = {
  /** Name of the entry in `providers`. */
  readonly name: string;
  readonly store: Store;
  readonly keys: StoreKeys;
};

/**
 * Other services of the zone raise the same serial at the same time. Each lost race means that somebody else's write went
 * through, so eight of them in a row need more services changing within milliseconds than one controller drives.
 */
const SERIAL_RACES_MAX = 8;

/** Keeps nothing of its own: any number of them may work on one store. */
export function createBuiltinProvider({ name, store, keys }: BuiltinProviderOptions): DnsProvider {
  return {
    name,
    kind: 'builtin',
    capabilities: BUILTIN_CAPABILITIES,
    list: async (zone, { names, signal }) => {
      signal.throwIfAborted();
      return atNames((await readZone(store, keys, zone)).rrsets, names);
    },
    apply: async (zone, changes, { idempotencyKey, signal }) => {
      const refused = refuseChanges(zone, changes, BUILTIN_CAPABILITIES);
      if (refused !== null) return refused;
      try {
        return await applyGuarded({ store, keys, zone, changes, token: tokenOf(zone, idempotencyKey), signal });
      } catch (error) {
        // The store throws only when nothing was sent; what was sent comes back as a result.
        if (error instanceof OneupError) return notSent(error.message);
        throw error;
      }
    },
    // The store is the one server of this provider. When each name server has loaded the change is another question (S31).
    confirm: async () => 'insync',
  };
}

/** Store tokens are short and printable; a key may be any text, such as the whole ownership TXT. */
function tokenOf(zone: DomainName, idempotencyKey: string): string {
  return `dns:${createHash('sha256').update(`${zone}\n${idempotencyKey}`).digest('hex')}`;
}

type ApplyRequest = {
  readonly store: Store;
  readonly keys: StoreKeys;
  readonly zone: DomainName;
  readonly changes: readonly RrsetChange[];
  readonly token: string;
  readonly signal: AbortSignal;
};

async function applyGuarded(request: ApplyRequest): Promise<ApplyResult> {
  const { store, keys, zone, changes, token, signal } = request;
  for (let race = 0; race < SERIAL_RACES_MAX; race += 1) {
    if (signal.aborted) return notSent(`Cannot write ${zone}: the deadline passed before anything was sent`);
    const records = await readZone(store, keys, zone);
    const reason = findConflict(changes, records.rrsets);
    if (reason !== null) {
      // A repeat of a write that went through finds its own work; its token says so.
      if ((await store.outcomeOf(token)) === 'committed') return { kind: 'applied', changeId: token };
      return { kind: 'conflict', current: atNames(records.rrsets, namesOf(changes)), reason };
    }
    if (signal.aborted) continue;
    const result = await store.commit(zoneCommit(changes, records, { keys, zone, token }));
    const settled = settle(result, zone, token);
    if (settled !== null) return settled;
  }
  return notSent(`Cannot write ${zone}: lost ${SERIAL_RACES_MAX} races for the serial in a row`);
}

/** null: a guard failed, so look again whether it was one of ours or only the serial. */
function settle(result: CommitResult, zone: DomainName, token: string): ApplyResult | null {
  switch (result.kind) {
    case 'committed':
      return { kind: 'applied', changeId: token };
    case 'conflict':
      return null;
    case 'unknown': {
      return unanswered(`The outcome of a write to ${zone} is unknown: ${result.cause.message}`);
    }
  }
}

function notSent(reason: string): ApplyResult {
  return applyFailure('ONEUP_PROVIDER_UNREACHABLE', reason);
}
