// What the ownership TXTs at outside providers say of earlier stores: a new generation has to be above all of them, or every write
// of it would be taken for a stale one (S4, S26). Reads only.
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Config } from '../config/config.ts';
import { atEachProvider } from '../config/second-provider.ts';
import { ownershipName, parseOwnership } from '../plan/ownership.ts';
import { ownershipTxt } from '../plan/ownership-txt.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import { reasonOf } from './connect/finding.ts';
import { within } from './connect/within.ts';
import { createOutsideProviders } from './create-provider.ts';

export type ProviderMemory = {
  readonly service: ServiceId;
  /** Name of the entry in `providers`. */
  readonly provider: string;
  /** Zero where nothing of this cluster and service stands. */
  readonly generation: number;
  readonly epoch: number;
  /** Why it is not known; null: it has answered. */
  readonly silence: string | null;
};

export type AskProvidersDeps = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For tests [those of the configuration]. */
  readonly providers?: (name: string) => DnsProvider;
};

/** A call of an API and the loading of its SDK; a person waits. */
const ANSWER_MAX_MS = 8_000;
/** Few enough for the limits of an API that others use too. */
const AT_ONCE = 4;
/** In a row: then nobody is there, and each further service would cost its seconds. */
const SILENCES_MAX = 3;

/** Each service with a record at an outside provider, once for each of them. Never rejects. */
export async function askProviders(config: Config, deps: AskProvidersDeps): Promise<readonly ProviderMemory[]> {
  const { clock, signal, providers = createOutsideProviders(config.providers, clock) } = deps;
  const outside = new Set(config.providers.flatMap(({ name, kind }) => (kind === 'builtin' ? [] : [name])));
  const records = config.services.flatMap(atEachProvider);
  const waiting = records.filter(({ record }) => outside.has(record.provider)).values();
  const heard: ProviderMemory[] = [];
  const silences = new Map<string, number>();
  const worker = async (): Promise<void> => {
    for (const { id: service, record } of waiting) {
      const { name, zone, provider } = record;
      const frame = { service, provider };
      const silent = silences.get(provider) ?? 0;
      if (silent >= SILENCES_MAX) {
        const silence = `not asked, after ${silent} questions without an answer`;
        heard.push({ ...frame, generation: 0, epoch: 0, silence });
        continue;
      }
      try {
        const names = [ownershipName(name)];
        const list = (limit: AbortSignal) => providers(provider).list(zone, { names, signal: limit });
        const listed = await within({ clock, signal, ms: ANSWER_MAX_MS }, list);
        silences.set(provider, 0);
        const owner = parseOwnership(ownershipTxt(name, listed) ?? '');
        // One of another service under this name says how far this cluster has come, too.
        const isOurs = owner.ok && owner.value.cluster === config.cluster.name;
        const generation = isOurs ? owner.value.generation : 0;
        const epoch = isOurs && owner.value.service === service ? owner.value.epoch : 0;
        heard.push({ ...frame, generation, epoch, silence: null });
      } catch (error) {
        if (isSilence(error)) silences.set(provider, (silences.get(provider) ?? 0) + 1);
        heard.push({ ...frame, generation: 0, epoch: 0, silence: reasonOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return heard;
}

/** A refusal is an answer, comes at once, and may be of one zone only. */
function isSilence(error: unknown): boolean {
  return !(error instanceof OneupError) || error.code === 'ONEUP_PROVIDER_UNREACHABLE';
}

/** As `--without` names them, each once, with the first reason. */
export function silentProviders(heard: readonly ProviderMemory[]): ReadonlyMap<string, string> {
  const silent = new Map<string, string>();
  for (const { provider, silence } of heard)
    if (silence !== null && !silent.has(`provider:${provider}`)) silent.set(`provider:${provider}`, silence);
  return silent;
}
