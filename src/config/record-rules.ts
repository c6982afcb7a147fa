// Rules about names: which static records may stand in a zone, and that every managed name belongs to one service alone.
import type { Rrset } from '../dns/rrset.ts';
import { rrsetKeyText } from '../dns/rrset.ts';
import type { DnsConfig, ZoneConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { isInZone } from './domain-name.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { ProviderConfig } from './provider-config.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const RECORD_RULES: readonly ConfigRule[] = [
  staticRecordsFit,
  staticRecordsDiffer,
  cnameStandsAlone,
  managedNameHasZone,
  managedNameIsFree,
];

/** Inside the zone, and not where oneup writes NS and glue itself. */
function staticRecordsFit({ dns }: RuleDraft): readonly ConfigFinding[] {
  return eachRecord(dns?.zones ?? [], (record, { zone, path }) => {
    if (!isInZone(record.name, zone.name)) {
      const remedy = 'Write a name inside the zone, such as www';
      return [{ path: [...path, 'name'], reason: `${record.name} lies outside zone ${zone.name}`, remedy }];
    }
    if (record.type === 'NS' && record.name === zone.name) {
      const reason = 'the NS records of the zone itself follow from ns';
      return [{ path: [...path, 'type'], reason, remedy: 'Remove the record; name its servers in ns' }];
    }
    const isGlue = zone.nameServers.some(({ name }) => name === record.name);
    if (!isGlue || (record.type !== 'A' && record.type !== 'AAAA' && record.type !== 'CNAME')) return [];
    const reason = `${record.name} is a name server, its address follows from the prober`;
    return [{ path: [...path, 'name'], reason, remedy: 'Remove the record' }];
  });
}

/** RFC 2181 section 5: one RRset for a name and type, and no value twice in it. */
function staticRecordsDiffer({ dns }: RuleDraft): readonly ConfigFinding[] {
  const repeated = (dns?.zones ?? []).flatMap((zone, index) =>
    findDuplicates(zone.records.map(rrsetKeyText)).map((duplicate) => ({
      path: ['dns', 'zones', index, 'records', duplicate.index, 'name'],
      reason: `records[${duplicate.firstIndex}] already has this name and type`,
      remedy: 'Write all values of a name and type in one place',
      rule: 'RFC 2181 5',
    })),
  );
  const values = eachRecord(dns?.zones ?? [], (record, { path }) =>
    findDuplicates(record.values).map(({ index }) => ({
      path: [...path, 'values', index],
      reason: 'the same value is written twice',
      remedy: 'Write each value once',
      rule: 'RFC 2181 5',
    })),
  );
  return [...repeated, ...values];
}

/** RFC 1034 section 3.6.2: a CNAME is the only record of its name, and has one value. */
function cnameStandsAlone({ dns }: RuleDraft): readonly ConfigFinding[] {
  return eachRecord(dns?.zones ?? [], (record, { zone, path }) => {
    if (record.type !== 'CNAME') return [];
    const rule = 'RFC 1034 3.6.2';
    if (record.values.length > 1) {
      const reason = 'a CNAME has one value';
      return [{ path: [...path, 'values'], reason, remedy: 'Keep one of the values', rule }];
    }
    const hasCompany = zone.records.some((other) => other.name === record.name && other.type !== 'CNAME');
    if (!hasCompany && record.name !== zone.name) return [];
    const reason = `a CNAME must be the only record of its name, and ${record.name} has others`;
    return [{ path: [...path, 'type'], reason, remedy: 'Write address records instead', rule }];
  });
}

export function managedNameHasZone({ dns, providers, services }: RuleDraft): readonly ConfigFinding[] {
  if (dns === null || providers === null) return [];
  return services.flatMap(({ id, record }) => {
    const path = ['services', id, 'record'];
    const known = providers.map(({ name }) => name);
    const provider = providers.find(({ name }) => name === record.provider);
    if (provider === undefined) {
      const reason = `there is no provider ${record.provider}`;
      return [{ path: [...path, 'provider'], reason, remedy: `Write one of ${known.join(', ')}` }];
    }
    if (record.zone !== '') return [];
    if (provider.kind !== 'builtin') {
      const held = provider.zones.join(', ');
      const reason = `${record.name} lies in no zone of provider ${provider.name}`;
      return [
        { path: [...path, 'name'], reason, remedy: `Write a name below ${held}, or correct the zone of the provider` },
      ];
    }
    const reason = `${record.name} lies in no zone of dns.zones`;
    return [{ path: [...path, 'name'], reason, remedy: whereItBelongs(record.name, { dns, providers }) }];
  });
}

/** Without `provider:` a record is looked for in the own zones, and the key is easily forgotten. */
function whereItBelongs(
  name: string,
  { dns, providers }: { readonly dns: DnsConfig; readonly providers: readonly ProviderConfig[] },
): string {
  const outside = providers.filter((provider) => provider.kind !== 'builtin');
  const holder = outside.find((provider) => provider.zones.some((zone) => isInZone(name, zone)));
  if (holder !== undefined) return `Write provider: ${holder.name} beside the name, which has its zone`;
  const zones = dns.zones.map((zone) => zone.name).join(', ');
  const add = zones === '' ? 'Add its zone to dns.zones' : `Write a name in ${zones}, add its zone to dns.zones`;
  if (zones !== '' && outside.length === 0) return `Write a name in ${zones}, or add its zone to dns.zones`;
  const others = outside.map((provider) => provider.name).join(', ');
  return `${add}, or name who has its zone with provider:${others === '' ? ' (docs/providers.md)' : ` (${others})`}`;
}

/** S26: a managed name belongs to one service, and nothing else stands at it or hides it. */
export function managedNameIsFree({ dns, providers, services }: RuleDraft): readonly ConfigFinding[] {
  const shared = findDuplicates(services.map(({ record }) => record.name)).map(({ value, index, firstIndex }) => ({
    path: namePath(services[index]?.id),
    reason: `${value} already belongs to service ${services[firstIndex]?.id}`,
    remedy: 'Give each service its own name',
    rule: 'S26',
  }));
  const taken = services.flatMap(({ id, record: { name, provider } }) => {
    // What stands in somebody else's zone is asked there, when it is written.
    if (providers?.some((known) => known.name === provider && known.kind !== 'builtin')) return [];
    const occupant = (dns?.zones ?? []).map((zone) => occupantOf(name, zone)).find((found) => found !== null);
    if (occupant === undefined || occupant === null) return [];
    const remedy = 'Choose another name, or remove what stands there';
    return [{ path: namePath(id), reason: `${name} ${occupant}`, remedy, rule: 'S26' }];
  });
  return [...shared, ...taken];
}

function occupantOf(name: string, zone: ZoneConfig): string | null {
  if (zone.nameServers.some((server) => server.name === name)) return `is the name of a name server of ${zone.name}`;
  for (const [index, record] of zone.records.entries()) {
    const where = `records[${index}] of zone ${zone.name}`;
    if (record.name === name) return `already has static records, in ${where}`;
    // RFC 1034 section 4.3.2, step 3b: at and below a delegation the zone answers with a referral only.
    const isCut = record.type === 'NS' && record.name !== zone.name && isInZone(name, record.name);
    if (isCut) return `lies below the delegation in ${where}`;
  }
  return null;
}

function namePath(id: string | undefined): ConfigPath {
  return ['services', id ?? '', 'record', 'name'];
}

function eachRecord(
  zones: readonly ZoneConfig[],
  look: (record: Rrset, place: { readonly zone: ZoneConfig; readonly path: ConfigPath }) => readonly ConfigFinding[],
): readonly ConfigFinding[] {
  return zones.flatMap((zone, zoneIndex) =>
    zone.records.flatMap((record, index) =>
      look(record, { zone, path: ['dns', 'zones', zoneIndex, 'records', index] }),
    ),
  );
}
