// Record sets of Route 53 and RRsets of ours. Simple sets, aliases and weighted sets of one value each have their like here;
// every other routing policy answers by a rule of its own, which no RRset can tell, and is not taken for one (S27).
import type { ResourceRecordSet, RRType } from '@aws-sdk/client-route-53';
import { err, ok, type Result } from '../../src/base/result.ts';
import { type Rrset, type RrsetKey, type RrType, rrsetKeyText } from '../../src/dns/rrset.ts';
import { ROUTE53_CAPABILITIES } from './capabilities.ts';
import { fromRoute53Name, toRoute53Name } from './record-name.ts';
import { fromRoute53Value, toRoute53Value } from './record-value.ts';

/** What Route 53 holds at some names: as RRsets, and as it was listed, for a DELETE that must repeat it exactly. */
export type Held = {
  readonly rrsets: readonly Rrset[];
  readonly listed: ReadonlyMap<string, readonly ResourceRecordSet[]>;
};

const TYPES: ReadonlySet<string> = new Set([...ROUTE53_CAPABILITIES.types, 'SOA']);
/** Fields that only a rule of Route 53 itself has; a weight is looked at by itself. */
const RULES = [
  'Region',
  'GeoLocation',
  'Failover',
  'MultiValueAnswer',
  'CidrRoutingConfig',
  'GeoProximityLocation',
] as const;
const OWNED = ['HealthCheckId', 'TrafficPolicyInstanceId'] as const;

/** The error says which name has what oneup cannot tell apart from a plain answer. */
export function readSets(sets: readonly ResourceRecordSet[]): Result<Held, string> {
  const listed = new Map<string, ResourceRecordSet[]>();
  const keys = new Map<string, RrsetKey>();
  for (const set of sets) {
    // A type that we have no word for answers no question of ours, and Route 53 itself keeps it from a CNAME.
    if (set.Name === undefined || !TYPES.has(set.Type ?? '')) continue;
    const key: RrsetKey = { name: fromRoute53Name(set.Name), type: set.Type as RrType };
    keys.set(rrsetKeyText(key), key);
    listed.set(rrsetKeyText(key), [...(listed.get(rrsetKeyText(key)) ?? []), set]);
  }
  const rrsets: Rrset[] = [];
  for (const [text, key] of keys) {
    const rrset = readGroup(key, listed.get(text) ?? []);
    if (!rrset.ok) return rrset;
    rrsets.push(rrset.value);
  }
  return ok({ rrsets, listed });
}

function readGroup(key: RrsetKey, sets: readonly ResourceRecordSet[]): Result<Rrset, string> {
  const rule = [...RULES, ...OWNED].find((field) =>
    sets.some((set) => set[field as keyof ResourceRecordSet] !== undefined),
  );
  if (rule !== undefined) return err(`${rrsetKeyText(key)} is answered by a rule of Route 53 (${rule})`);
  const [first] = sets;
  if (first !== undefined && first.SetIdentifier === undefined) return ok(readSimple(key, first));
  const values = sets.flatMap((set) => valuesOf(key.type, set));
  const weights = sets.map(({ Weight }) => Weight ?? 0);
  const isPlain = sets.every(({ ResourceRecords, TTL }) => ResourceRecords?.length === 1 && TTL === first?.TTL);
  if (!isPlain || weights.some((weight) => weight < 1) || new Set(values).size < values.length)
    return err(`${rrsetKeyText(key)} is a group of weighted sets with aliases, several values or a weight of 0`);
  return ok({ ...key, ttlSeconds: first?.TTL ?? 0, values, weights });
}

function readSimple(key: RrsetKey, set: ResourceRecordSet): Rrset {
  const { AliasTarget: alias, TTL = 0 } = set;
  if (alias === undefined) return { ...key, ttlSeconds: TTL, values: valuesOf(key.type, set) };
  const target = {
    hostedZoneId: alias.HostedZoneId ?? '',
    dnsName: fromRoute53Name(alias.DNSName ?? ''),
    evaluateTargetHealth: alias.EvaluateTargetHealth ?? false,
  };
  return { ...key, ttlSeconds: 0, values: [], alias: target };
}

function valuesOf(type: RrType, { ResourceRecords = [] }: ResourceRecordSet): readonly string[] {
  return ResourceRecords.map(({ Value = '' }) => fromRoute53Value(type, Value));
}

/** One set for an RRset, or one for each value when they are weighted. */
export function writeSets({ name, type, ttlSeconds, values, weights, alias }: Rrset): readonly ResourceRecordSet[] {
  const key = { Name: toRoute53Name(name), Type: type as RRType };
  if (alias !== undefined) {
    const { hostedZoneId, dnsName, evaluateTargetHealth } = alias;
    const target = {
      HostedZoneId: hostedZoneId,
      DNSName: toRoute53Name(dnsName),
      EvaluateTargetHealth: evaluateTargetHealth,
    };
    return [{ ...key, AliasTarget: target }];
  }
  const records = values.map((value) => ({ Value: toRoute53Value(type, value) }));
  if (weights === undefined) return [{ ...key, TTL: ttlSeconds, ResourceRecords: records }];
  return values.map((value, index) => ({
    ...key,
    // Derived from the value, so that a DELETE finds it again without a memory of ours.
    SetIdentifier: `oneup ${value}`,
    Weight: weights[index] ?? 0,
    TTL: ttlSeconds,
    ResourceRecords: records.slice(index, index + 1),
  }));
}
