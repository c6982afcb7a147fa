// Takes the ownership TXT of a released service away at an outside provider and leaves the record as it is: whoever has it next
// finds a name that nobody claims (S26). The record in the store says so first: a removal without an answer may land at any time
// later, and a service that had come back meanwhile would find its own TXT gone.
import type { ErrorCode } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Config } from '../config/config.ts';
import {
  disowningText,
  isDisowning,
  mayBePublished,
  readForgotten,
  readLeftRecord,
} from '../controller/read-forgotten-record.ts';
import { readOwnTxt } from '../controller/read-own-txt.ts';
import type { Rrset } from '../dns/rrset.ts';
import type { Guard, StoreEntry } from '../ports/store.ts';
import type { ApiSource } from './api-source.ts';

type Asked = {
  readonly cluster: string;
  readonly service: string;
  readonly config: Config;
  /** Holds that configuration, which the service has left. */
  readonly guard: Guard;
};

export type Disowned = { readonly name: string; readonly provider: string };

/** One list and one write, at two providers at most. */
const DISOWN_TIMEOUT_MS = 15_000;

/**
 * Null where there is nothing to take away: the record is of our own zone, was never written, or nobody knows where it is. Safe
 * to repeat: what is marked goes on from there. Throws OneupError, and then the record in the store is marked at most.
 */
export async function disownRecord(source: ApiSource, asked: Asked): Promise<Disowned | null> {
  const { service, config } = asked;
  const entry = await source.store.get(source.keys.service(service));
  if (entry === null || readForgotten(entry.value) !== null) return null;
  if (!isDisowning(entry.value) && !mayBePublished(entry.value)) return null;
  const left = readLeftRecord(entry.value);
  if (left === null) return null;
  const { name, second } = left;
  const held = [left, ...(second === null ? [] : [second])].map(({ zone, provider }) => ({ zone, provider }));
  const kinds = held.map(({ provider }) => config.providers.find((known) => known.name === provider)?.kind);
  const outside = held.filter((_, at) => kinds[at] !== 'builtin');
  if (outside.length === 0 || kinds.includes(undefined)) return null;
  const deadline = new AbortController();
  const timer = source.clock.timer(DISOWN_TIMEOUT_MS, () => deadline.abort(new Error('the provider took too long')));
  try {
    await removeTxts(source, { ...asked, entry, name, places: outside, signal: deadline.signal });
  } finally {
    timer.stop();
  }
  return { name, provider: outside.map(({ provider }) => provider).join(' and ') };
}

type Place = { readonly zone: string; readonly provider: string };
type Removal = Asked & {
  readonly name: string;
  readonly entry: StoreEntry;
  readonly places: readonly Place[];
  readonly signal: AbortSignal;
};

/**
 * After the TXT was read, and guarded by what was judged, so that either this comes first or the service's return (S7). A repeat
 * marks again: another `forget` may have come to its end since.
 */
async function mark({ store, uniqueId }: ApiSource, { service, guard, entry }: Removal): Promise<void> {
  const { key, version, value } = entry;
  const result = await store.commit({
    guards: [guard, { kind: 'version', key, version }],
    writes: [{ kind: 'put', key, value: disowningText(value) }],
    token: uniqueId(),
  });
  if (result.kind !== 'committed') unfinished(service, result.kind);
}

export function unfinished(service: string, kind: string): never {
  throw new OneupError('ONEUP_STORE_LOST', `Cannot forget ${service}: the commit ended as ${kind}`, {
    remedy: 'Run oneup forget again',
  });
}

/** All are read first: a provider that cannot be asked leaves everything as it is. */
async function removeTxts(source: ApiSource, removal: Removal): Promise<void> {
  const found: (Place & { readonly txt: Rrset })[] = [];
  for (const place of removal.places) {
    const txt = await readOwnTxt(source.provider(place.provider), { ...removal, zone: place.zone });
    if (txt !== null) found.push({ ...place, txt });
  }
  if (found.length > 0) await mark(source, removal);
  for (const place of found) await removeTxt(source, removal, place);
}

async function removeTxt(
  source: ApiSource,
  { service, name, signal }: Removal,
  { zone, provider, txt }: Place & { readonly txt: Rrset },
): Promise<void> {
  const idempotencyKey = `forget ${source.uniqueId()}`;
  const result = await source
    .provider(provider)
    .apply(zone, [{ before: txt, after: null }], { idempotencyKey, signal });
  if (result.kind === 'applied') return;
  const code: ErrorCode = result.kind === 'conflict' ? 'ONEUP_REFUSED' : result.code;
  throw new OneupError(code, `Cannot forget ${service}: the ownership TXT of ${name} stays: ${result.reason}`, {
    remedy: `Run oneup forget ${service} again, or remove ${txt.name} at provider ${provider} and run it with --record-removed`,
  });
}
