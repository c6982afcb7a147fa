// Tries the outside providers: whether a name can be read, and whether its ownership TXT may be written. Where it stands already
// it is written again as it is; for a name that oneup has not written yet a TXT beside it is made and removed.
import type { Clock } from '../../base/clock.ts';
import { ERROR_CATALOGUE } from '../../base/error-catalogue.ts';
import type { DomainName } from '../../base/ids.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { Config, ServiceConfig } from '../../config/config.ts';
import { atEachProvider } from '../../config/second-provider.ts';
import type { Rrset } from '../../dns/rrset.ts';
import { managedNames, ownershipName, parseOwnership } from '../../plan/ownership.ts';
import type { RrsetChange } from '../../plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../ports/dns-provider.ts';
import { createOutsideProviders } from '../create-provider.ts';
import type { Finding, Outcome } from './finding.ts';
import type { Job } from './run-jobs.ts';

export type ProviderJobsDeps = {
  readonly clock: Clock;
  /** For tests [those of the configuration]. */
  readonly providers?: (name: string) => DnsProvider;
};

/** Every vantage tries them, and the API has a limit for all: these tell whether the credentials are right. */
export const TRIED_MAX = 4;
/** A read, two writes and the loading of an SDK. */
const TRY_MAX_MS = 10_000;
/** Other vantages make and remove the same TXT at the same time. */
const RACES_MAX = 3;
const CHECK_TTL_SECONDS = 60;
const CHECK_TEXT = '"written and removed again by oneup check-config --connect"';

export function providerJobs(config: Config, deps: ProviderJobsDeps): readonly Job[] {
  const providers = deps.providers ?? createOutsideProviders(config.providers, deps.clock);
  const cluster = config.cluster.name;
  return config.providers.flatMap(({ name, kind }) => {
    if (kind === 'builtin') return [];
    const services = config.services.flatMap(atEachProvider).filter(({ record }) => record.provider === name);
    // One after the other, so that no limit of the API is met.
    let last: Promise<unknown> = Promise.resolve();
    return services.map((service, index): Job => {
      const subject = `${name}, ${service.record.name}`;
      const run = async (signal: AbortSignal): Promise<readonly Finding[]> => {
        const mine = last.then(() => tryRecord(providers(name), { cluster, service }, signal).catch(thrown));
        last = mine;
        const [outcome, says] = await mine;
        return [{ area: 'provider', subject, outcome, says }];
      };
      const skip = async (): Promise<readonly Finding[]> => [
        { area: 'provider', subject, outcome: 'untried', says: `only ${TRIED_MAX} names of a provider are tried` },
      ];
      return { area: 'provider', subject, timeoutMs: TRY_MAX_MS, run: index < TRIED_MAX ? run : skip };
    });
  });
}

type Verdict = readonly [outcome: Outcome, says: string];

/** Throws what `list` throws. */
async function tryRecord(
  provider: DnsProvider,
  { cluster, service: { id, record } }: { readonly cluster: string; readonly service: ServiceConfig },
  signal: AbortSignal,
): Promise<Verdict> {
  const { name, zone } = record;
  const listed = await provider.list(zone, { names: managedNames(name), signal });
  const txt = listed.find((rrset) => rrset.name === ownershipName(name) && rrset.type === 'TXT');
  if (txt === undefined) {
    const verdict = await makeAndRemove(provider, { zone, name: checkName(name), signal });
    if (verdict[0] !== 'ok' || listed.length === 0) return verdict;
    return ['expected', `${verdict[1]}; ${name} stands there already: oneup adopt ${id} --record shows it`];
  }
  const owner = parseOwnership(txt.values[0] ?? '');
  // Not even as it is: what others wrote is not ours to touch (S28).
  if (!owner.ok || owner.value.cluster !== cluster || owner.value.service !== id)
    return [
      'wrong',
      `the name belongs to somebody else: ${txt.values.join(' ')}. Choose another name, or have it given up there`,
    ];
  const result = await write(provider, zone, { before: txt, after: txt }, signal);
  if (result.kind === 'applied') return ['ok', 'read, and its ownership TXT written as it is'];
  if (result.kind === 'conflict') return ['expected', 'read; somebody wrote at the same moment, so no write was tried'];
  return failed(result);
}

/** Beside the name, so that a controller that comes to write it is not disturbed. */
function checkName(name: DomainName): DomainName {
  return `_oneup-check.${name}`;
}

type Place = { readonly zone: DomainName; readonly name: DomainName; readonly signal: AbortSignal };

async function makeAndRemove(provider: DnsProvider, { zone, name, signal }: Place): Promise<Verdict> {
  const ttlSeconds = Math.max(CHECK_TTL_SECONDS, provider.capabilities.ttlMinSeconds);
  const wanted: Rrset = { name, type: 'TXT', ttlSeconds, values: [CHECK_TEXT] };
  for (let race = 0; race < RACES_MAX; race += 1) {
    const listed = await provider.list(zone, { names: [name], signal });
    const left = listed.find((rrset) => rrset.name === name && rrset.type === 'TXT');
    const made = left === undefined ? await write(provider, zone, { before: null, after: wanted }, signal) : null;
    if (made?.kind === 'conflict') continue;
    if (made?.kind === 'failed') return failed(made);
    const removed = await write(provider, zone, { before: left ?? wanted, after: null }, signal);
    if (removed.kind === 'applied') return ['ok', `read, and the TXT ${name} made and removed`];
    if (removed.kind === 'failed') return [failed(removed)[0], `the TXT ${name} stays there: ${failed(removed)[1]}`];
  }
  return ['expected', 'read; other probers try the same at this moment'];
}

function write(
  provider: DnsProvider,
  zone: DomainName,
  change: RrsetChange,
  signal: AbortSignal,
): Promise<ApplyResult> {
  return provider.apply(zone, [change], { idempotencyKey: `check ${crypto.randomUUID()}`, signal });
}

function failed({ code, reason }: Extract<ApplyResult, { kind: 'failed' }>): Verdict {
  const outcome = code === 'ONEUP_PROVIDER_THROTTLED' ? 'expected' : 'wrong';
  return [outcome, `${reason} (${code}). ${ERROR_CATALOGUE[code].remedy}`];
}

function thrown(error: unknown): Verdict {
  if (!(error instanceof OneupError)) return ['wrong', error instanceof Error ? error.message : String(error)];
  return ['wrong', `${error.message} (${error.code}). ${error.remedy}`];
}
