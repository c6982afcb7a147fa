// A zone at Amazon Route 53. A write is one change batch that deletes what it replaces exactly as it was listed, so a stale
// controller's write fails at Route 53 itself (S26, S27). Nothing is kept between calls but the credentials of the SDK.
import { ChangeResourceRecordSetsCommand, GetChangeCommand, type Route53Client } from '@aws-sdk/client-route-53';
import type { Clock } from '../../src/base/clock.ts';
import type { DomainName } from '../../src/base/ids.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../src/ports/dns-provider.ts';
import { applyFailure } from '../apply-failure.ts';
import { refuseChanges } from '../check-changes.ts';
import { findConflict, namesOf } from '../compare-before.ts';
import { callOnce, unreadableAnswer } from './call.ts';
import { ROUTE53_CAPABILITIES } from './capabilities.ts';
import { changeBatch, refuseBatch } from './change-batch.ts';
import { createClient, type Route53ClientOptions, secretsOf } from './client.ts';
import { judgeRefusal } from './judge-refusal.ts';
import { listSets } from './list-sets.ts';
import { type ProviderFault, readError } from './read-error.ts';
import { type Held, readSets } from './record-sets.ts';

export type Route53ProviderOptions = Route53ClientOptions & {
  readonly name: string;
  readonly clock: Clock;
  /** Ids of the hosted zones by the names of the zones. */
  readonly zones: Readonly<Record<DomainName, string>>;
};

type Api = { readonly options: Route53ProviderOptions; readonly client: Route53Client };
type Place = { readonly zone: DomainName; readonly hostedZoneId: string; readonly signal: AbortSignal };

export function createRoute53Provider(options: Route53ProviderOptions): DnsProvider {
  const api: Api = { options, client: createClient(options) };
  return {
    name: options.name,
    kind: 'route53',
    capabilities: ROUTE53_CAPABILITIES,
    list: async (zone, { names, signal }) => {
      signal.throwIfAborted();
      const hostedZoneId = options.zones[zone];
      if (hostedZoneId === undefined) throw new OneupError('ONEUP_PROVIDER_ZONE_UNKNOWN', noZone(options.name, zone));
      const held = await readHeld(api, { zone, hostedZoneId, signal }, names);
      if (held.ok) return held.value.rrsets;
      const { code, reason, retryAfterMs } = held.error;
      throw new OneupError(code, `Cannot list ${zone}: ${reason}`, { retryAfterMs });
    },
    apply: async (zone, changes, { signal }) => {
      const refused = refuseChanges(zone, changes, ROUTE53_CAPABILITIES);
      if (refused !== null) return refused;
      const tooMuch = refuseBatch(changes);
      if (tooMuch !== null)
        return applyFailure('ONEUP_PROVIDER_REFUSED', `Cannot write ${zone}: ${tooMuch}`, { retryable: false });
      const hostedZoneId = options.zones[zone];
      if (hostedZoneId === undefined)
        return applyFailure('ONEUP_PROVIDER_ZONE_UNKNOWN', noZone(options.name, zone), { retryable: false });
      return applyBatch(api, { zone, hostedZoneId, signal }, changes);
    },
    confirm: async (changeId, { signal }) => {
      signal.throwIfAborted();
      const command = new GetChangeCommand({ Id: changeId });
      const answer = await callOnce(command, (rest) => api.client.send(command, rest), { ...options, signal });
      const status = answer.ok ? answer.value.ChangeInfo?.Status : undefined;
      if (status !== undefined) return status === 'INSYNC' ? 'insync' : 'pending';
      const error = answer.ok ? unreadableAnswer('no status in the answer') : answer.error;
      const { code, reason, retryAfterMs } = readError(error, secretsOf(options));
      throw new OneupError(readCode(code), `Cannot ask for change ${changeId}: ${reason}`, { retryAfterMs });
    },
  };
}

/** Asked once; after a refusal the name is read afresh, and what is there decides what the refusal means. */
async function applyBatch(api: Api, place: Place, changes: readonly RrsetChange[]): Promise<ApplyResult> {
  const first = await sendBatch(api, place, changes);
  if (first.ok) return { kind: 'applied', changeId: first.value };
  if (first.error.name !== 'InvalidChangeBatch') return failure(place, first.error);
  const held = await readHeld(api, place, namesOf(changes));
  if (!held.ok) return failure(place, { ...held.error, applied: 'none' });
  const reason = findConflict(changes, held.value.rrsets);
  if (reason !== null) return { kind: 'conflict', current: held.value.rrsets, reason };
  const refusal = judgeRefusal(first.error.messages);
  if (refusal.kind === 'rule')
    return applyFailure(refusal.code, `Cannot write ${place.zone}: ${first.error.reason}`, { retryable: false });
  // All is as the changes expect, so it is only spelled in another way, such as an IPv6 address: once more, letter by letter as
  // it was listed (S27). The batch is as conditional as the first one.
  const second = await sendBatch(api, place, changes, held.value.listed);
  if (second.ok) return { kind: 'applied', changeId: second.value };
  if (second.error.name !== 'InvalidChangeBatch') return failure(place, second.error);
  return { kind: 'conflict', current: held.value.rrsets, reason: second.error.reason };
}

async function sendBatch(
  { client, options }: Api,
  { hostedZoneId, signal }: Place,
  changes: readonly RrsetChange[],
  listed?: Held['listed'],
): Promise<Result<string, ProviderFault>> {
  const batch = { Changes: changeBatch(changes, listed) };
  const command = new ChangeResourceRecordSetsCommand({ HostedZoneId: hostedZoneId, ChangeBatch: batch });
  const answer = await callOnce(command, (rest) => client.send(command, rest), { ...options, signal });
  const changeId = answer.ok ? answer.value.ChangeInfo?.Id : undefined;
  if (changeId !== undefined) return ok(changeId.replace(/^\/change\//, ''));
  if (!answer.ok) return err(readError(answer.error, secretsOf(options)));
  return err(readError(unreadableAnswer('no change in the answer'), []));
}

/** What is there now. A routing policy that oneup cannot read stands in the way of every write. */
async function readHeld(
  { client, options }: Api,
  { hostedZoneId, signal }: Place,
  names: readonly DomainName[],
): Promise<Result<Held, ProviderFault>> {
  const sets = await listSets(hostedZoneId, names, (command) =>
    callOnce(command, (rest) => client.send(command, rest), { ...options, signal }),
  );
  if (!sets.ok) {
    const fault = readError(sets.error, secretsOf(options));
    return err({ ...fault, code: readCode(fault.code) });
  }
  const held = readSets(sets.value);
  if (held.ok) return held;
  const meaning = { code: 'ONEUP_PROVIDER_RECORD_CONFLICT', retryable: false, applied: 'none' } as const;
  return err({ ...meaning, name: 'Unreadable', retryAfterMs: null, reason: held.error, messages: [] });
}

/** A read has no outcome that could be unknown. */
function readCode(code: ProviderFault['code']): ProviderFault['code'] {
  return code === 'ONEUP_PROVIDER_UNANSWERED' ? 'ONEUP_PROVIDER_UNREACHABLE' : code;
}

function failure({ zone }: Place, { code, applied, retryable, retryAfterMs, reason }: ProviderFault): ApplyResult {
  return { kind: 'failed', code, applied, retryable, retryAfterMs, reason: `Cannot write ${zone}: ${reason}` };
}

function noZone(name: string, zone: DomainName): string {
  return `Provider ${name} has no hosted zone for ${zone}`;
}
