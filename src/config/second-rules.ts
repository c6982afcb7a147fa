// Rules about the second provider of a record: it is another place than the first, and all that holds for the first holds there.
import type { ConfigFinding } from './config-problem.ts';
import type { ProviderConfig } from './provider-config.ts';
import { nameIsBelowApex, ttlsFit } from './provider-rules.ts';
import { managedNameHasZone, managedNameIsFree } from './record-rules.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';
import { atSecondProvider } from './second-provider.ts';
import { weightsCanBeServed } from './set-rules.ts';
import { aliasesAtRoute53 } from './target-rules.ts';

export const SECOND_RULES: readonly ConfigRule[] = [secondIsElsewhere, secondFits];

/** Two records of one TXT would be each other's foreign hand (S26). */
function secondIsElsewhere({ providers, services }: RuleDraft): readonly ConfigFinding[] {
  return services.flatMap((service) => {
    const { id, record } = service;
    const second = atSecondProvider(service)?.record;
    const [one, other] = [record, second].map((at) => providers?.find(({ name }) => name === at?.provider));
    if (one === undefined || other === undefined || second === undefined || !isSamePlace(one, other)) return [];
    const same = one === other ? 'is the first one' : `writes to the same place as ${one.name}`;
    return [
      {
        path: ['services', id, 'record', 'second', 'provider'],
        reason: `the second provider ${other.name} ${same}`,
        remedy: 'Write an entry of another provider, or remove second',
        rule: 'S26',
      },
    ];
  });
}

function isSamePlace(one: ProviderConfig, other: ProviderConfig): boolean {
  if (one.name === other.name) return true;
  switch (one.kind) {
    case 'builtin':
      return other.kind === 'builtin';
    case 'route53':
      return other.kind === 'route53' && bareId(one.hostedZoneId) === bareId(other.hostedZoneId);
    case 'cloudflare':
      return other.kind === 'cloudflare' && one.zoneId === other.zoneId;
    case 'rfc2136':
    case 'powerdns': {
      if (other.kind !== 'rfc2136' && other.kind !== 'powerdns') return false;
      return one.server.host === other.server.host && one.server.port === other.server.port;
    }
  }
}

/** Route 53 takes an id with and without its path. */
function bareId(hostedZoneId: string): string {
  return hostedZoneId.replace(/^\/?hostedzone\//, '');
}

/** What would be refused of it as the first is refused of it as the second, at its own place in the file. */
function secondFits(draft: RuleDraft): readonly ConfigFinding[] {
  const seconds = draft.services.flatMap((service) => atSecondProvider(service) ?? []);
  const asFirst: RuleDraft = { ...draft, services: seconds };
  const found = [managedNameHasZone, managedNameIsFree, nameIsBelowApex, ttlsFit].flatMap((rule) => rule(asFirst));
  const ofNodes = seconds.flatMap((service) => {
    const path = ['services', service.id];
    const ofSet = service.activeActive === null ? [] : weightsCanBeServed(service, path, asFirst);
    return [...ofSet, ...aliasesAtRoute53(service, path, asFirst)];
  });
  // Two services of one name are told once, of their first provider.
  const own = [...found, ...ofNodes].filter(({ reason }) => !reason.includes('already belongs to service'));
  return own.map((finding) => ({ ...finding, path: ofSecond(finding.path) }));
}

function ofSecond(path: ConfigFinding['path']): ConfigFinding['path'] {
  const [services = '', id = '', section, key] = path;
  return section === 'record' && key === 'provider' ? [services, id, 'record', 'second', 'provider'] : path;
}
