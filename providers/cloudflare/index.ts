// Cloudflare: every write is one batch that deletes the ownership TXT by its id and posts the next one, so that of two writers
// that saw the same only one finds the record that it deletes (S26, S27). Ids are listed anew for every write.
import type { DomainName } from '../../src/base/ids.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { Secret } from '../../src/base/secret.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../src/ports/dns-provider.ts';
import { applyFailure, unanswered } from '../apply-failure.ts';
import { refuseChanges } from '../check-changes.ts';
import { atNames, findConflict, namesOf } from '../compare-before.ts';
import { type CallFault, callFault } from './call-fault.ts';
import { CLOUDFLARE_CAPABILITIES } from './capabilities.ts';
import { type CloudflareClient, createCloudflareClient } from './client.ts';
import { latchName, withLatch } from './latch.ts';
import { type Batch, isGuarded, planBatch } from './plan-batch.ts';
import { type CloudflareRecord, isLatch, toRrsets } from './records.ts';

export type CloudflareProviderOptions = {
  /** Name of the entry in `providers`. */
  readonly name: string;
  /** Id of each zone, 32 hexadecimal digits. */
  readonly zoneIds: Readonly<Record<DomainName, string>>;
  readonly apiToken: Secret;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
  /** Another address of the API, such as `http://127.0.0.1:8080/client/v4`; null: that of Cloudflare. */
  readonly endpoint: string | null;
};

/** Keeps nothing between calls but connections: any number of them may write to one zone. */
export function createCloudflareProvider(options: CloudflareProviderOptions): DnsProvider {
  const { name, zoneIds } = options;
  const client = createCloudflareClient(options);
  const secrets = [options.apiToken];
  const context: Context = { client, secrets, name };
  return {
    name,
    kind: 'cloudflare',
    capabilities: CLOUDFLARE_CAPABILITIES,
    list: async (zone, { names, signal }) => {
      signal.throwIfAborted();
      const zoneId = zoneIds[zone];
      if (zoneId === undefined) throw unknownZone(zone, name);
      if (names.length === 0) return [];
      try {
        const records = await client.records(names, { zone, zoneId, signal });
        // Records at the very names prove the zone; nothing at all may also mean that the id is of another one.
        if (records.length === 0) await provideZone({ zone, zoneId, signal }, context);
        return toRrsets(records);
      } catch (error) {
        signal.throwIfAborted();
        throw readError(error, { zone, context });
      }
    },
    apply: async (zone, changes, { signal }) => {
      const refused = refuseHere(zone, changes);
      if (refused !== null) return refused;
      const zoneId = zoneIds[zone];
      if (zoneId === undefined) {
        const { code, message } = unknownZone(zone, name);
        return applyFailure(code as 'ONEUP_PROVIDER_ZONE_UNKNOWN', message, { retryable: false });
      }
      if (signal.aborted)
        return applyFailure(
          'ONEUP_PROVIDER_UNREACHABLE',
          `Cannot write ${zone}: the deadline passed before anything was sent`,
        );
      const write = { zone, zoneId, signal, changes };
      try {
        return isGuarded(changes) ? await applyGuarded(write, context) : await applyFirst(write, context);
      } catch (error) {
        // The batch tells its own outcome; what is thrown comes from the reads before it, so nothing of the batch was sent.
        return notWritten(error, { zone, context });
      }
    },
    // The API does not say when its name servers have a change: PROPAGATE asks them.
    confirm: async () => 'insync',
  };
}

type Context = { readonly client: CloudflareClient; readonly secrets: readonly Secret[]; readonly name: string };
type Place = { readonly zone: DomainName; readonly zoneId: string; readonly signal: AbortSignal };
type Write = Place & { readonly changes: readonly RrsetChange[] };

/** What is refused before anything is sent. */
function refuseHere(zone: DomainName, changes: readonly RrsetChange[]): ApplyResult | null {
  const refused = refuseChanges(zone, changes, CLOUDFLARE_CAPABILITIES);
  if (refused !== null) return refused;
  if (!changes.some(({ after }) => after?.type === 'CNAME' && after.name === zone)) return null;
  // Cloudflare would take it and answer the addresses of its target, which nobody could compare with what was written.
  const atApex = `Cannot write ${zone}: a CNAME at the apex is no DNS record (RFC 1034 section 3.6.2)`;
  return applyFailure('ONEUP_PROVIDER_RECORD_CONFLICT', atApex, { retryable: false });
}

async function applyGuarded(write: Write, context: Context): Promise<ApplyResult> {
  const names = namesOf(write.changes);
  const records = await context.client.records(names, write);
  return compareAndSend(write, context, { records, names });
}

/** No ownership TXT to delete yet: a latch takes its place, in a zone whose name was compared first. */
async function applyFirst(write: Write, context: Context): Promise<ApplyResult> {
  await provideZone(write, context);
  const names = namesOf(write.changes);
  const latch = latchName(write.changes);
  return withLatch(latch, { ...write, ...context }, async () => {
    const records = await context.client.records([...names, latch], write);
    if (records.some(isLatch)) return compareAndSend(write, context, { records, names });
    const current = atNames(toRrsets(records), names);
    return { kind: 'conflict', current, reason: 'another first write went through in between' };
  });
}

type Listed = { readonly records: readonly CloudflareRecord[]; readonly names: readonly DomainName[] };

async function compareAndSend(write: Write, context: Context, { records, names }: Listed): Promise<ApplyResult> {
  const { changes } = write;
  const current = atNames(toRrsets(records), names);
  const reason = findConflict(changes, current);
  if (reason !== null) return { kind: 'conflict', current, reason };
  const planned = planBatch(changes, records);
  // A latch that somebody left behind goes with whatever write comes next.
  const latches = records.filter(isLatch).map(({ id }) => ({ id }));
  return send({ ...planned, deletes: [...latches, ...planned.deletes] }, write, context);
}

async function send(batch: Batch, write: Write, context: Context): Promise<ApplyResult> {
  const { zone } = write;
  try {
    const { deletes, patches, posts } = await context.client.batch(batch, write);
    const isWhole =
      (deletes ?? []).length === batch.deletes.length &&
      (patches ?? []).length === batch.patches.length &&
      (posts ?? []).length === batch.posts.length;
    if (!isWhole)
      return unanswered(
        `Cannot write ${zone}: ${context.name} did one part of a batch and not the other`,
        'ONEUP_PROVIDER_PARTIAL',
      );
    const [changed] = [...(posts ?? []), ...(patches ?? []), ...(deletes ?? [])];
    return { kind: 'applied', changeId: changed?.id ?? 'nothing' };
  } catch (error) {
    const fault = callFault(error, context.secrets);
    if (fault.isOutrun) return outrun(fault, write, context);
    const words = `Cannot write ${zone}: provider ${context.name}: ${fault.reason}`;
    return fault.isSent ? unanswered(words, fault.code) : applyFailure(fault.code, words, fault);
  }
}

/** Somebody wrote between our list and our batch: nothing of it was done, and the caller wants to see what is there now. */
async function outrun(fault: CallFault, write: Write, { client }: Context): Promise<ApplyResult> {
  const names = namesOf(write.changes);
  const current = atNames(toRrsets(await client.records(names, write)), names);
  return { kind: 'conflict', current, reason: findConflict(write.changes, current) ?? fault.reason };
}

/** Throws when the id is of another zone: records would be written there, with the name of that zone at their end. */
async function provideZone({ zone, ...place }: Place, { client, name }: Context): Promise<void> {
  const found = await client.zoneName(place);
  if (found === zone) return;
  throw new OneupError(
    'ONEUP_PROVIDER_ZONE_UNKNOWN',
    `Cannot use zone ${zone}: the id of provider ${name} is of ${found}`,
  );
}

function unknownZone(zone: DomainName, name: string): OneupError {
  return new OneupError('ONEUP_PROVIDER_ZONE_UNKNOWN', `Cannot use zone ${zone}: provider ${name} has no id for it`);
}

type Failed = { readonly zone: DomainName; readonly context: Context };

function readError(error: unknown, { zone, context }: Failed): OneupError {
  if (error instanceof OneupError) return error;
  const { code, reason, retryAfterMs } = callFault(error, context.secrets);
  // A question that was not answered has changed nothing, so it is the provider that cannot be reached.
  const readCode = code === 'ONEUP_PROVIDER_UNANSWERED' ? 'ONEUP_PROVIDER_UNREACHABLE' : code;
  return new OneupError(readCode, `Cannot list ${zone}: provider ${context.name}: ${reason}`, { retryAfterMs });
}

function notWritten(error: unknown, { zone, context }: Failed): ApplyResult {
  if (error instanceof OneupError)
    return applyFailure(error.code as CallFault['code'], error.message, { retryable: false });
  const fault = callFault(error, context.secrets);
  const code = fault.code === 'ONEUP_PROVIDER_UNANSWERED' ? 'ONEUP_PROVIDER_UNREACHABLE' : fault.code;
  return applyFailure(code, `Cannot write ${zone}: provider ${context.name}: ${fault.reason}`, fault);
}
