// Reads names of a zone from the HTTP API: exactly what the database holds, without what wildcards make of it.
// https://doc.powerdns.com/authoritative/http-api/zone.html
import type { DomainName } from '../../src/base/ids.ts';
import { err, ok, type Result } from '../../src/base/result.ts';
import { canonicalName } from '../../src/dns/canonical-name.ts';
import { formatRdata } from '../../src/dns/format-rdata.ts';
import { parseRdata } from '../../src/dns/parse-rdata.ts';
import type { Rrset, RrType } from '../../src/dns/rrset.ts';
import { RFC2136_CAPABILITIES } from '../rfc2136/capabilities.ts';
import type { ReadZone } from '../rfc2136/guarded-write.ts';
import type { ReadFault } from '../rfc2136/read-names.ts';
import { type Api, type ApiAnswer, askApi } from './ask-api.ts';

/** One request for each name, one after the other, so that a server of one zone is asked no more than it can take. */
export function readByApi(api: Api): ReadZone {
  return async (zone, { names, signal }) => {
    const rrsets: Rrset[] = [];
    // Sorted, so that the same content gives the same list. With no name the zone itself is still asked for.
    const inside = names.toSorted().filter((name) => name === zone || zone === '.' || name.endsWith(`.${zone}`));
    for (const name of inside.length === 0 ? [zone] : inside) {
      const read = await readName(api, { zone, name, signal });
      if (!read.ok) return read;
      if (inside.length > 0) rrsets.push(...read.value);
    }
    return ok(rrsets);
  };
}

type Place = { readonly zone: DomainName; readonly name: DomainName; readonly signal: AbortSignal };

async function readName(api: Api, { zone, name, signal }: Place): Promise<Result<readonly Rrset[], ReadFault>> {
  if (signal.aborted) return fault('ONEUP_PROVIDER_UNREACHABLE', 'the deadline passed before the API was asked');
  const path = `zones/${zoneId(zone)}?rrset_name=${encodeURIComponent(name)}`;
  const answer = await askApi(api, { method: 'GET', path, signal });
  if (!answer.ok) return fault('ONEUP_PROVIDER_UNREACHABLE', answer.error);
  if (answer.value.status !== 200) return err(explainStatus(answer.value, { zone, api }));
  const body = parseObject(answer.value.text);
  const listed = body?.rrsets;
  if (body === null || body.name !== zone || !Array.isArray(listed)) {
    return fault('ONEUP_PROVIDER_ANSWER_INVALID', `${api.url} answered no zone ${zone}`);
  }
  // A secondary passes updates on and cannot say what became of them (S27).
  if (body.kind === 'Slave' || body.kind === 'Secondary') {
    return fault('ONEUP_PROVIDER_ZONE_UNKNOWN', `${zone} is a secondary zone at ${api.url}: write at its primary`);
  }
  return readRrsets(listed, { name, url: api.url });
}

/** The id of a zone is its name, in which some characters are written as =XX. */
export function zoneId(zone: DomainName): string {
  return zone === '.' ? '=2E' : encodeURIComponent(zone.replaceAll('/', '=2F'));
}

function readRrsets(
  listed: readonly unknown[],
  { name, url }: { readonly name: DomainName; readonly url: string },
): Result<readonly Rrset[], ReadFault> {
  const rrsets: Rrset[] = [];
  for (const entry of listed) {
    const fields = asObject(entry);
    const type = RFC2136_CAPABILITIES.types.find((each) => each === fields?.type);
    // Types that oneup cannot hold are none of its own.
    if (fields === null || !isName(fields.name, name) || type === undefined) continue;
    const { ttl, records } = fields;
    if (typeof ttl !== 'number' || !Array.isArray(records)) return invalid(url, `${name} ${type}`);
    const values: string[] = [];
    for (const record of records.map(asObject)) {
      if (record === null || typeof record.content !== 'string') return invalid(url, `${name} ${type}`);
      // What is disabled is kept in the database and served to nobody.
      if (record.disabled === true) continue;
      const value = canonicalText(type, record.content);
      if (value === null) return invalid(url, `${name} ${type}: ${record.content}`);
      values.push(value);
    }
    if (values.length > 0) rrsets.push({ name, type, ttlSeconds: ttl, values: values.toSorted() });
  }
  return ok(rrsets.toSorted((left, right) => (left.type < right.type ? -1 : 1)));
}

/** The one spelling that all comparisons use. */
function canonicalText(type: RrType, content: string): string | null {
  const rdata = parseRdata(type, content);
  const text = rdata.ok ? formatRdata(type, rdata.value) : rdata;
  return text.ok ? text.value : null;
}

function explainStatus(
  { status }: ApiAnswer,
  { zone, api }: { readonly zone: DomainName; readonly api: Api },
): ReadFault {
  const answered = `${api.url} answered ${status}`;
  if (status === 401 || status === 403)
    return { code: 'ONEUP_PROVIDER_DENIED', reason: `${answered}: it does not take the API key` };
  if (status === 404 || status === 422) {
    return { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', reason: `${answered}: server ${api.serverId} has no zone ${zone}` };
  }
  if (status === 429) return { code: 'ONEUP_PROVIDER_THROTTLED', reason: answered };
  if (status >= 500) return { code: 'ONEUP_PROVIDER_UNREACHABLE', reason: answered };
  return { code: 'ONEUP_PROVIDER_ANSWER_INVALID', reason: answered };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function isName(text: unknown, name: DomainName): boolean {
  const canonical = typeof text === 'string' ? canonicalName(text) : null;
  return canonical?.ok === true && canonical.value === name;
}

function invalid(url: string, what: string): Result<never, ReadFault> {
  return fault('ONEUP_PROVIDER_ANSWER_INVALID', `${url} answered something that cannot be read: ${what}`);
}

function fault(code: ReadFault['code'], reason: string): Result<never, ReadFault> {
  return err({ code, reason });
}
