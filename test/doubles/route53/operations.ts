// What the operations answer, once a request is read and its caller may make it.
import { ApiError } from './api-error.ts';
import type { HostedZones, Zone } from './hosted-zones.ts';
import type { Input } from './read-input.ts';
import { sortKey, storedName } from './record-name.ts';
import { compareKeys, listKey } from './record-set.ts';

export type Handler = (input: Input, zones: HostedZones, nowMs: number) => Input;

/** "ListResourceRecordSets": up to 300 at a time. */
const SETS_MAX = 300;
/** "ListHostedZonesByName": up to 100 at a time. */
const ZONES_MAX = 100;

export const HANDLERS: Readonly<Record<string, Handler>> = {
  ChangeResourceRecordSets: (input, zones, nowMs) => {
    const { id, comment } = zones.change(`${input.HostedZoneId}`, input.ChangeBatch as Input, nowMs);
    return { ChangeInfo: changeInfo(id, 'PENDING', { atMs: nowMs, comment }) };
  },
  GetChange: (input, zones, nowMs) => {
    const { change, isInSync } = zones.readChange(`${input.Id}`, nowMs);
    return { ChangeInfo: changeInfo(change.id, isInSync ? 'INSYNC' : 'PENDING', change) };
  },
  ListResourceRecordSets: (input, zones) => listSets(input, zones),
  GetHostedZone: (input, zones) => {
    const zone = zones.find(`${input.Id}`);
    return { HostedZone: zoneFields(zone), DelegationSet: { NameServers: zone.nameServers } };
  },
  ListHostedZonesByName: (input, zones) => listZones(input, zones),
};

function changeInfo(id: string, status: string, { atMs, comment }: { atMs: number; comment: string | null }): Input {
  const note: Input = comment === null ? {} : { Comment: comment };
  return { Id: `/change/${id}`, Status: status, SubmittedAt: new Date(atMs).toISOString(), ...note };
}

function listSets(input: Input, zones: HostedZones): Input {
  const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: identifier } = input;
  const sets = zones.list(`${input.HostedZoneId}`);
  if (name === undefined && type !== undefined)
    throw invalid('The type parameter cannot be specified without the name parameter');
  if (type === undefined && identifier !== undefined) throw invalid('The identifier parameter needs name and type');
  const limit = pageSize(input.MaxItems, SETS_MAX);
  const start = name === undefined ? [''] : startKey(`${name}`, type ?? '', identifier ?? '');
  const rest = sets.filter((set) => compareKeys(start, listKey(set)) <= 0);
  const next = rest[limit];
  return {
    ResourceRecordSets: rest.slice(0, limit).map(({ fields }) => fields),
    IsTruncated: next !== undefined,
    MaxItems: `${limit}`,
    ...(next === undefined ? {} : { NextRecordName: next.name, NextRecordType: next.type }),
    ...(next === undefined || next.identifier === null ? {} : { NextRecordIdentifier: next.identifier }),
  };
}

function startKey(name: string, type: unknown, identifier: unknown): readonly string[] {
  const stored = storedName(name);
  if (!stored.ok) throw invalid(`FATAL problem: ${stored.error} encountered with '${name}'`);
  return [sortKey(stored.value), `${type}`, `${identifier}`];
}

function listZones(input: Input, zones: HostedZones): Input {
  const limit = pageSize(input.MaxItems, ZONES_MAX);
  const stored = input.DNSName === undefined ? null : storedName(`${input.DNSName}`);
  if (stored !== null && !stored.ok) throw new ApiError(400, 'InvalidDomainName', stored.error);
  const start = stored === null ? [''] : [sortKey(stored.value), `${input.HostedZoneId ?? ''}`];
  const keyOf = ({ name, id }: Zone) => [sortKey(name), id];
  const sorted = zones.all().toSorted((left, right) => compareKeys(keyOf(left), keyOf(right)));
  const rest = sorted.filter((zone) => compareKeys(start, keyOf(zone)) <= 0);
  const next = rest[limit];
  return {
    HostedZones: rest.slice(0, limit).map(zoneFields),
    ...(input.DNSName === undefined ? {} : { DNSName: input.DNSName }),
    IsTruncated: next !== undefined,
    MaxItems: `${limit}`,
    ...(next === undefined ? {} : { NextDNSName: next.name, NextHostedZoneId: next.id }),
  };
}

function zoneFields({ id, name, sets }: Zone): Input {
  const count = sets.size;
  return {
    Id: `/hostedzone/${id}`,
    Name: name,
    CallerReference: `created-${id}`,
    Config: { PrivateZone: false },
    ResourceRecordSetCount: count,
  };
}

function pageSize(text: unknown, most: number): number {
  if (text === undefined) return most;
  if (!/^[1-9][0-9]{0,8}$/.test(`${text}`))
    throw invalid(`Expected a whole number above 0 for maxitems, value was ${text}`);
  return Math.min(most, Number(text));
}

function invalid(message: string): ApiError {
  return new ApiError(400, 'InvalidInput', message);
}
