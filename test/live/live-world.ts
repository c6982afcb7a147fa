// The world of a real account for the provider suite. The names of the suite become names below one label of a real zone, a
// fresh one for each test, and whatever was left there is removed in the end; nothing else of the zone is touched.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { unanswered } from '../../providers/apply-failure.ts';
import { refuseChanges } from '../../providers/check-changes.ts';
import type { DomainName } from '../../src/base/ids.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import type { ProviderWorld, WriteFate } from '../conformance/provider.ts';
import { NAMES, ZONE } from '../conformance/provider-samples.ts';

export type LiveAccount = {
  /** Name of the real zone. */
  readonly zone: DomainName;
  /** A client of it. */
  readonly connect: () => DnsProvider;
  /** One that reaches nobody. */
  readonly connectToNobody: () => DnsProvider;
  /** Between two calls, so that the suite alone never meets the limit of the account. */
  readonly pauseMs: number;
};

/** Names that the suite writes beside those of its samples. */
const MORE_NAMES = [`below.one.${ZONE}`];

export function makeLiveWorld(account: LiveAccount): ProviderWorld {
  const label = `oneup-live-${randomBytes(6).toString('hex')}`;
  const place: Place = { account, toReal: (name, zone) => realName(name, zone, `${label}.${account.zone}`), label };
  return {
    connect: (fate = 'answered') => {
      const inner = fate === 'unreachable' ? account.connectToNobody() : account.connect();
      return renamed(inner, fate, place);
    },
    [Symbol.asyncDispose]: () => cleanUp(place),
  };
}

type Place = {
  readonly account: LiveAccount;
  readonly label: string;
  readonly toReal: (name: DomainName, zone: DomainName) => DomainName;
};

/** `app.example.com.` as `app.<base>`; names of other zones get a branch of their own, which is never written. */
function realName(name: DomainName, zone: DomainName, base: DomainName): DomainName {
  if (zone !== ZONE) return `${name.replaceAll('.', '-')}x.elsewhere.${base}`;
  return name === ZONE ? base : name.endsWith(`.${ZONE}`) ? name.slice(0, -ZONE.length) + base : name;
}

function renamed(inner: DnsProvider, fate: WriteFate, { account, toReal, label }: Place): DnsProvider {
  const { zone: realZone, pauseMs } = account;
  const fromReal = (rrset: Rrset): Rrset => ({ ...rrset, name: rrset.name.replace(`${label}.${realZone}`, ZONE) });
  const change = ({ before, after }: RrsetChange) =>
    ({
      before: before && { ...before, name: toReal(before.name, ZONE) },
      after: after && { ...after, name: toReal(after.name, ZONE) },
    }) as RrsetChange;
  return {
    ...inner,
    list: async (zone, { names, signal }) => {
      await sleep(pauseMs);
      const listed = await inner.list(realZone, { names: names.map((name) => toReal(name, zone)), signal });
      return listed.map(fromReal);
    },
    apply: async (zone, changes, options) => {
      // The apex of the samples is no apex here, so what a provider refuses by itself is refused before the names change.
      const refused = refuseChanges(zone, changes, inner.capabilities);
      if (refused !== null) return refused;
      await sleep(pauseMs);
      if (fate === 'droppedUnanswered') return unanswered('the request was lost');
      const result = await inner.apply(realZone, changes.map(change), options);
      if (fate === 'writtenUnanswered') return unanswered('the answer was lost');
      return result.kind === 'conflict' ? { ...result, current: result.current.map(fromReal) } : result;
    },
    confirm: async (changeId, options) => {
      await sleep(pauseMs);
      return inner.confirm(changeId, options);
    },
  };
}

async function cleanUp({ account, toReal }: Place): Promise<void> {
  const provider = account.connect();
  const signal = new AbortController().signal;
  const names = [...NAMES, ...MORE_NAMES].map((name) => toReal(name, ZONE));
  await sleep(account.pauseMs);
  const left = await provider.list(account.zone, { names, signal });
  if (left.length === 0) return;
  const changes = left.map((before): RrsetChange => ({ before, after: null }));
  const result = await provider.apply(account.zone, changes, { idempotencyKey: `clean-${account.zone}`, signal });
  if (result.kind !== 'applied') throw new Error(`Cannot remove ${names.join(', ')}: ${JSON.stringify(result)}`);
}
