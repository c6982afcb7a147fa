// One guarded write, whoever reads the zone: look, compare, send the UPDATE, and after a refusal look again (S27).
import type { DomainName } from '../../src/base/ids.ts';
import type { Result } from '../../src/base/result.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult } from '../../src/ports/dns-provider.ts';
import { applyFailure } from '../apply-failure.ts';
import { refuseChanges } from '../check-changes.ts';
import { findConflict, namesOf } from '../compare-before.ts';
import { RFC2136_CAPABILITIES } from './capabilities.ts';
import { findRival } from './plan-update.ts';
import type { Primary } from './primary.ts';
import type { ReadFault } from './read-names.ts';
import { type WriteOptions, writeUpdate } from './write-update.ts';

export type ReadZone = (
  zone: DomainName,
  options: { readonly names: readonly DomainName[]; readonly signal: AbortSignal },
) => Promise<Result<readonly Rrset[], ReadFault>>;

export async function writeGuarded(
  { primary, read }: { readonly primary: Primary; readonly read: ReadZone },
  zone: DomainName,
  changes: readonly RrsetChange[],
  options: WriteOptions,
): Promise<ApplyResult> {
  const refused = refuseChanges(zone, changes, RFC2136_CAPABILITIES);
  if (refused !== null) return refused;
  const place = { names: namesOf(changes), signal: options.signal };
  const current = await read(zone, place);
  if (!current.ok) return applyFailure(current.error.code, `Cannot write ${zone}: ${current.error.reason}`);
  // No prerequisite compares a TTL (RFC 2136 section 2.4), so an edited one is looked for here, just before the write.
  const reason = findConflict(changes, current.value);
  if (reason !== null) return { kind: 'conflict', current: current.value, reason };
  const rival = findRival(zone, changes, current.value);
  if (rival !== null) {
    return applyFailure('ONEUP_PROVIDER_RECORD_CONFLICT', `Cannot write ${zone}: ${rival}`, { retryable: false });
  }
  const outcome = await writeUpdate(primary, zone, changes, options);
  if (outcome.kind !== 'refuted') return outcome;
  const again = await read(zone, place);
  if (!again.ok) return applyFailure(again.error.code, `${outcome.reason}, and then: ${again.error.reason}`);
  return { kind: 'conflict', current: again.value, reason: findConflict(changes, again.value) ?? outcome.reason };
}
