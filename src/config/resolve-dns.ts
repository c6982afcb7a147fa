// Resolves the zones that oneup serves: name server names, SOA timers, and static records in the one spelling of src/dns.
import { err, ok, type Result } from '../base/result.ts';
import { formatRdata } from '../dns/format-rdata.ts';
import { parseRdata } from '../dns/parse-rdata.ts';
import type { Rrset, RrType } from '../dns/rrset.ts';
import { txtValue } from '../dns/txt-value.ts';
import type { DnsConfig, ZoneConfig } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import { parseDomainName } from './domain-name.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { DnsWritten, StaticRecordWritten, ZoneWritten } from './schema/dns-schema.ts';

export function resolveDns(written: DnsWritten, context: ResolveContext): DnsConfig {
  const zones = written.zones.map((zone, index) => resolveZone(zone, { context, path: ['dns', 'zones', index] }));
  // S30: with three name servers resolvers find another one; with fewer, an old answer is better than none.
  const isRefusable = zones.length > 0 && zones.every(({ nameServers }) => nameServers.length >= 3);
  return {
    listen: written.listen ?? [],
    zones,
    onStale: written.onStale ?? (isRefusable ? 'refuse' : 'serve'),
    resolvers: written.resolvers,
    patienceMs: written.patience,
  };
}

type Place = { readonly context: ResolveContext; readonly path: ConfigPath };

function resolveZone(written: ZoneWritten, { context, path }: Place): ZoneConfig {
  const { name, soa } = written;
  for (const prober of Object.keys(written.nsNames)) {
    if (written.ns.includes(prober)) continue;
    const reason = `prober ${prober} is not among the name servers in ns`;
    context.report({
      path: [...path, 'nsNames', prober],
      point: 'key',
      reason,
      remedy: 'Add it to ns, or remove the name',
    });
  }
  return {
    name,
    nameServers: written.ns.map((prober) => ({
      prober,
      name: Object.hasOwn(written.nsNames, prober) ? (written.nsNames[prober] ?? name) : `${prober}.ns.${name}`,
    })),
    hostmaster: written.hostmaster,
    soa: {
      refreshSeconds: soa.refresh,
      retrySeconds: soa.retry,
      expireSeconds: soa.expire,
      minimumSeconds: soa.minimum,
      ttlSeconds: soa.ttl,
    },
    records: written.records.map((record, index) =>
      resolveRecord(record, { context, path: [...path, 'records', index], zone: name }),
    ),
  };
}

function resolveRecord(
  written: StaticRecordWritten,
  { context, path, zone }: Place & { readonly zone: string },
): Rrset {
  const name = absoluteName(written.name, zone);
  if (!name.ok) {
    const remedy = 'Write a name such as www, @ for the zone itself, or an absolute name with a dot at its end';
    context.report({ path: [...path, 'name'], reason: name.error, remedy });
  }
  const values = written.values.map((text, index) => {
    const value = normalRdata(written.type, text);
    if (value.ok) return value.value;
    const remedy = 'Write it as in a zone file; names are absolute, with a dot at their end';
    context.report({ path: [...path, 'values', index], reason: value.error, remedy });
    return text;
  });
  return { name: name.ok ? name.value : zone, type: written.type, ttlSeconds: written.ttl, values };
}

/** As in a zone file (RFC 1035 section 5.1), but a relative name that ends in the zone's own was surely meant absolute. */
function absoluteName(text: string, zone: string): Result<string, string> {
  if (text === '@') return ok(zone);
  const isAbsolute = text.endsWith('.') || `.${text.toLowerCase()}.`.endsWith(`.${zone}`);
  return parseDomainName(isAbsolute ? text : `${text}.${zone}`, { wildcard: true });
}

/** The value in the one spelling in which RRsets are compared. Text of a TXT may stand without quotes. */
function normalRdata(type: RrType, text: string): Result<string, string> {
  const presentation = type === 'TXT' && !text.startsWith('"') ? txtValue(text) : text;
  const rdata = parseRdata(type, presentation);
  // The reader of rdata repeats the value; the message shows it once, as written.
  if (!rdata.ok) return err(`not a value of type ${type}: ${rdata.error.replace(/, value was .*$/, '')}`);
  return formatRdata(type, rdata.value);
}
