// What the service refuses in a change batch beyond the published model: limits of a request, the fields that go together,
// the zone a name must be in, and what may not stand beside a CNAME. Each rule is cited by its test (route53-rules.test.ts).
import type { BatchResult } from './apply-batch.ts';
import type { Input } from './read-input.ts';
import { storedName } from './record-name.ts';
import { type RecordSet, setKey } from './record-set.ts';
import { findValueFault } from './record-value.ts';

/** "Quotas", https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html; an UPSERT counts twice. */
const RECORDS_MAX = 1_000;
const CHARACTERS_MAX = 32_000;
const WEIGHTED_MAX = 100;
const VALUES_MAX = 400;
/** Types that may be answered by a group of sets; NS, SOA and DS may not. */
const GROUPED: ReadonlySet<string> = new Set(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NAPTR', 'PTR', 'SPF', 'SRV', 'TXT']);

/** What is wrong with the request as such, before any zone is looked at. */
export function findBatchFaults(changes: readonly Input[]): BatchResult | null {
  let records = 0;
  let characters = 0;
  const seen = new Set<string>();
  for (const change of changes) {
    const fields = change.ResourceRecordSet as Input;
    const shape = findShapeFault(change, fields);
    if (shape !== null) return { kind: 'invalidInput', message: `Invalid request: ${shape}` };
    const factor = change.Action === 'UPSERT' ? 2 : 1;
    const values = valuesOf(fields);
    records += factor * Math.max(1, values.length);
    characters += factor * values.reduce((sum, value) => sum + value.length, 0);
    const key = `${change.Action === 'DELETE' ? 'delete' : 'put'} ${placeOf(fields)}`;
    if (seen.has(key)) {
      const what = `The request contains an invalid set of changes for a resource record set '${fields.Type} ${fields.Name}'`;
      return { kind: 'invalidBatch', messages: [what] };
    }
    seen.add(key);
  }
  if (records > RECORDS_MAX) return tooMany(`Number of records limit of ${RECORDS_MAX} exceeded.`);
  if (characters > CHARACTERS_MAX) return tooMany(`Number of characters limit of ${CHARACTERS_MAX} exceeded.`);
  return null;
}

function tooMany(message: string): BatchResult {
  return { kind: 'invalidBatch', messages: [message] };
}

function placeOf(fields: Input): string {
  const name = storedName(`${fields.Name}`);
  const identifier = fields.SetIdentifier === undefined ? null : `${fields.SetIdentifier}`;
  return setKey({ name: name.ok ? name.value : `${fields.Name}`, type: `${fields.Type}`, identifier });
}

/** Exactly one of an alias or TTL with values; a set identifier with exactly one routing policy. */
function findShapeFault({ Action: action }: Input, fields: Input): string | null {
  const where = `in Change with [Action=${action}, Name=${fields.Name}, Type=${fields.Type}, SetIdentifier=${fields.SetIdentifier ?? null}]`;
  const isAlias = 'AliasTarget' in fields;
  const parts = ['TTL', 'ResourceRecords'].filter((field) => field in fields).length;
  const choice = 'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  if (isAlias && parts > 0) return `${choice}, but found more than one ${where}`;
  if (!isAlias && parts < 2) return `${choice}, but found none ${where}`;
  const policies = ['Weight', 'Region', 'GeoLocation', 'Failover', 'MultiValueAnswer', 'CidrRoutingConfig'];
  const found = policies.filter((field) => field in fields);
  const choices = `Expected exactly one of [${policies.join(', ')}]`;
  if ('SetIdentifier' in fields && found.length !== 1) return `${choices}, but found ${found.length} ${where}`;
  if (!('SetIdentifier' in fields) && found.length > 0) return `Missing field 'SetIdentifier' ${where}`;
  if ('MultiValueAnswer' in fields && isAlias) return `MultiValueAnswer is not allowed with AliasTarget ${where}`;
  return null;
}

/** What is wrong with one set by itself. */
export function findSetFaults(zone: string, fields: Input): readonly string[] {
  const name = storedName(`${fields.Name}`);
  if (!name.ok) return [`FATAL problem: ${name.error} encountered with '${fields.Name}'`];
  if (name.value !== zone && !name.value.endsWith(`.${zone}`))
    return [`RRSet with DNS name ${name.value} is not permitted in zone ${zone}`];
  const type = `${fields.Type}`;
  const values = valuesOf(fields);
  const where = `RRSet of type ${type} with DNS name ${name.value}`;
  const faults = values.flatMap((value) => findValueFault(type, value) ?? []);
  const alias = fields.AliasTarget as Input | undefined;
  const target = storedName(alias === undefined ? zone : `${alias.DNSName}`);
  if (!target.ok) faults.push(`FATAL problem: ${target.error} encountered with '${alias?.DNSName}'`);
  if (type === 'CNAME' && name.value === zone) faults.push(`${where} is not permitted at apex in zone ${zone}`);
  if (new Set(values).size < values.length) faults.push(`${where} contains duplicate resource records`);
  if (values.length > VALUES_MAX) faults.push(`${where} contains more than ${VALUES_MAX} resource records`);
  if (type === 'CNAME' && values.length > 1) faults.push(`${where} contains more than one resource record`);
  if ('SetIdentifier' in fields && !GROUPED.has(type)) faults.push(`${where} cannot have a set identifier`);
  if ('Weight' in fields && values.length > 1)
    faults.push(`${where} is weighted and has more than one resource record`);
  return faults;
}

/** What stands in the way at the same name. `others` are the sets of the working copy without the one that is replaced. */
export function findNeighbourFault(zone: string, others: readonly RecordSet[], wanted: RecordSet): string | null {
  const here = others.filter(({ name }) => name === wanted.name);
  const where = `RRSet of type ${wanted.type} with DNS name ${wanted.name}`;
  if (wanted.type === 'CNAME' && here.some(({ type }) => type !== 'CNAME'))
    return `${where} is not permitted as it conflicts with other records with the same DNS name in zone ${zone}`;
  if (wanted.type !== 'CNAME' && here.some(({ type }) => type === 'CNAME'))
    return `${where} is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone ${zone}`;
  const group = here.filter(({ type }) => type === wanted.type);
  if (group.some(({ policy }) => policy !== wanted.policy))
    return `${where} cannot be created as a ${wanted.policy} set because sets of another routing policy exist with the same name and type`;
  if (
    wanted.policy === 'weighted' &&
    group.some(({ ttl }) => ttl !== null && wanted.ttl !== null && ttl !== wanted.ttl)
  )
    return `${where} must have the same TTL as the other weighted sets`;
  if (wanted.policy === 'weighted' && group.length >= WEIGHTED_MAX)
    return `${where} has ${WEIGHTED_MAX} weighted sets already`;
  return aliasFault(zone, others, wanted);
}

/** An alias that points into its own zone needs a set of its type there; targets elsewhere are not looked at. */
function aliasFault(zone: string, others: readonly RecordSet[], { type, alias, name }: RecordSet): string | null {
  if (alias === null || (alias.name !== zone && !alias.name.endsWith(`.${zone}`))) return null;
  if (alias.name !== name && others.some((held) => held.name === alias.name && held.type === type)) return null;
  return `Tried to create an alias that targets ${alias.name}, type ${type} in zone ${alias.zone}, but the alias target name does not lie within the target zone or it was not found`;
}

function valuesOf(fields: Input): readonly string[] {
  return ((fields.ResourceRecords ?? []) as readonly Input[]).map(({ Value: value }) => `${value}`);
}
