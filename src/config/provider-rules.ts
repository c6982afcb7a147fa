// Rules about records at somebody else's provider: the name lies in a zone of the provider and below its apex, and its TTL
// levels are ones that the provider can publish.
import { providerTraits } from '../plan/provider-traits.ts';
import { BUDGET_RULES } from './budget-rules.ts';
import type { ConfigFinding } from './config-problem.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const PROVIDER_RULES: readonly ConfigRule[] = [providerZonesDiffer, nameIsBelowApex, ttlsFit, ...BUDGET_RULES];

function providerZonesDiffer({ providers }: RuleDraft): readonly ConfigFinding[] {
  return (providers ?? []).flatMap((provider) =>
    provider.kind === 'builtin'
      ? []
      : findDuplicates(provider.zones).map(({ value, index }) => ({
          path: ['providers', provider.name, 'zones', index],
          reason: `zone ${value} is written twice`,
          remedy: 'Write each zone once',
        })),
  );
}

/** S28: what stands at the apex of a zone that others serve belongs to them. A zone of oneup may be one name alone. */
export function nameIsBelowApex({ providers, services }: RuleDraft): readonly ConfigFinding[] {
  return services.flatMap(({ id, record }) => {
    const provider = providers?.find(({ name }) => name === record.provider);
    if (provider === undefined || provider.kind === 'builtin' || record.name !== record.zone) return [];
    return [
      {
        path: ['services', id, 'record', 'name'],
        reason: `${record.name} is the apex of the zone at provider ${provider.name}, where SOA and NS stand`,
        remedy: `Choose a name below it, such as www.${record.zone}`,
        rule: 'S28',
      },
    ];
  });
}

/** The nearest TTL that the provider holds is written in its place, so nothing fails, but clients wait longer than asked. */
export function ttlsFit({ providers, services }: RuleDraft): readonly ConfigFinding[] {
  return services.flatMap(({ id, record }) => {
    const provider = providers?.find(({ name }) => name === record.provider);
    if (provider === undefined) return [];
    const { ttlMinSeconds, ttlMaxSeconds } = providerTraits(provider.kind);
    const { steadySeconds, suspectSeconds, settlingSeconds } = record.ttl;
    const levels = { steady: steadySeconds, suspect: suspectSeconds, settling: settlingSeconds };
    const [outside] = Object.entries(levels).filter(([, ttl]) => ttl < ttlMinSeconds || ttl > ttlMaxSeconds);
    if (outside === undefined) return [];
    const [level, seconds] = outside;
    const nearest = Math.min(Math.max(seconds, ttlMinSeconds), ttlMaxSeconds);
    return [
      {
        path: ['services', id, 'record', 'ttl', level],
        reason: `provider ${provider.name} publishes ${nearest}s, not ${seconds}s: its TTLs lie from ${ttlMinSeconds}s to ${ttlMaxSeconds}s`,
        remedy: `Write at least ${ttlMinSeconds}s and at most ${ttlMaxSeconds}s`,
        severity: 'warning' as const,
      },
    ];
  });
}
