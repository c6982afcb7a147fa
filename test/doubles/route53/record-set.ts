// One resource record set as the service keeps it: what the request held, with its name in the stored spelling.
import type { Input, Value } from './read-input.ts';
import { sortKey, storedName } from './record-name.ts';

export type RecordSet = {
  readonly name: string;
  readonly type: string;
  readonly identifier: string | null;
  readonly ttl: number | null;
  readonly values: readonly string[];
  readonly alias: { readonly zone: string; readonly name: string } | null;
  /** The routing policy that the set belongs to. */
  readonly policy: string;
  readonly weight: number | null;
  /** As it is listed. */
  readonly fields: Input;
};

const POLICIES: readonly (readonly [string, string])[] = [
  ['Weight', 'weighted'],
  ['MultiValueAnswer', 'multivalue'],
  ['Region', 'latency'],
  ['Failover', 'failover'],
  ['GeoLocation', 'geolocation'],
  ['CidrRoutingConfig', 'cidr'],
];

/** Throws when the name is none: whoever calls has checked it. */
export function recordSet(fields: Input): RecordSet {
  const alias = fields.AliasTarget as Input | undefined;
  const records = (fields.ResourceRecords ?? []) as readonly Input[];
  const name = stored(`${fields.Name}`);
  const aliasName = alias === undefined ? '' : stored(`${alias.DNSName}`);
  return {
    name,
    type: `${fields.Type}`,
    identifier: fields.SetIdentifier === undefined ? null : `${fields.SetIdentifier}`,
    ttl: fields.TTL === undefined ? null : Number(fields.TTL),
    values: records.map(({ Value: value }) => `${value}`),
    alias: alias === undefined ? null : { zone: `${alias.HostedZoneId}`, name: aliasName },
    policy: POLICIES.find(([field]) => field in fields)?.[1] ?? 'simple',
    weight: fields.Weight === undefined ? null : Number(fields.Weight),
    fields: {
      ...fields,
      Name: name,
      ...(alias === undefined ? {} : { AliasTarget: { ...alias, DNSName: aliasName } }),
    },
  };
}

function stored(text: string): string {
  const name = storedName(text);
  if (!name.ok) throw new Error(`Cannot keep ${text}: ${name.error}`);
  return name.value;
}

export function setKey({ name, type, identifier }: Pick<RecordSet, 'name' | 'type' | 'identifier'>): string {
  return JSON.stringify([name, type, identifier]);
}

/**
 * Whether a DELETE names all that was created: values are compared as a set of texts, all else must be equal.
 * "ChangeResourceRecordSets", deleting resource record sets,
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export function isSameSet(left: RecordSet, right: RecordSet): boolean {
  return fingerprint(left) === fingerprint(right);
}

function fingerprint({ fields, values }: RecordSet): string {
  return JSON.stringify(sortFields({ ...fields, ResourceRecords: values.toSorted() }));
}

function sortFields(value: Value): Value {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sortFields);
  const entries = Object.entries(value as Input).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortFields(inner)]));
}

/** By name with the labels reversed, then type, then identifier. */
export function compareSets(left: RecordSet, right: RecordSet): number {
  return compareKeys(listKey(left), listKey(right));
}

export function listKey({
  name,
  type,
  identifier,
}: Pick<RecordSet, 'name' | 'type' | 'identifier'>): readonly string[] {
  return [sortKey(name), type, identifier ?? ''];
}

export function compareKeys(left: readonly string[], right: readonly string[]): number {
  for (const [index, part] of left.entries()) {
    const other = right[index] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
