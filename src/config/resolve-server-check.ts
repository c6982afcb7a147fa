// Resolves the kinds of check that ask one server: where it is, how it is recognised, and who we are.
import { Secret } from '../base/secret.ts';
import { parseAddress } from '../dns/address.ts';
import type {
  ClientTls,
  DnsTarget,
  GrpcTarget,
  IcmpTarget,
  ProxyTarget,
  RedisTarget,
  SqlTarget,
  TcpTarget,
  TlsTarget,
} from './check-target.ts';
import { parseDomainName } from './domain-name.ts';
import { parseHostPort } from './host-port.ts';
import type { NodePlace } from './node-scope.ts';
import type { KindsWritten } from './schema/check-kinds-schema.ts';

type TimedPlace = NodePlace & { readonly timeoutMs: number };
type Written<Kind extends keyof KindsWritten> = NonNullable<KindsWritten[Kind]>;

/** Share of the timeout after which a program or a server is to give up by itself, so that it can say so (S23). */
const OWN_SHARE = 0.8;

export function resolveTcp(written: Written<'tcp'>, { scope, path }: NodePlace, proxy: ProxyTarget | null): TcpTarget {
  const isShort = typeof written === 'string';
  const at = isShort ? path : [...path, 'host'];
  const { text } = scope.textAt(at, { address: 'bracketed' });
  const isBareV6 = !isShort && text.includes(':') && !text.startsWith('[');
  const endpoint = parseHostPort(isShort ? text : `${isBareV6 ? `[${text}]` : text}:${written.port}`, {
    purpose: 'ask',
  });
  if (endpoint.ok) return { kind: 'tcp', ...endpoint.value, ...(proxy === null ? {} : { proxy }) };
  scope.context.report({ path: at, reason: endpoint.error, remedy: 'Write tcp: "{address}:5432"' });
  return { kind: 'tcp', host: '', port: 0 };
}

export function resolveTls(written: Written<'tls'>, place: NodePlace, proxy: ProxyTarget | null): TlsTarget {
  const { port, minDaysToExpiry = null } = written;
  const tls = resolveClientTls(written, place);
  return { kind: 'tls', host: hostOf(written, place), port, tls, minDaysToExpiry, proxy };
}

export function resolveDns(written: Written<'dns'>, place: TimedPlace): DnsTarget {
  const { scope, path, timeoutMs } = place;
  const name = parseDomainName(textAt('name', place));
  if (!name.ok) scope.context.report({ path: [...path, 'name'], reason: name.error, remedy: 'Write www.example.com.' });
  const values = written.values?.map((_, index) => scope.textAt([...path, 'values', index], { address: 'bare' }).text);
  for (const [index, value] of (values ?? []).entries()) {
    if ((written.type !== 'A' && written.type !== 'AAAA') || parseAddress(value).ok) continue;
    const reason = `expected an address, as an ${written.type} record holds`;
    scope.context.report({ path: [...path, 'values', index], reason, remedy: 'Write an address such as {address}' });
  }
  return {
    kind: 'dns',
    host: hostOf(written, place),
    port: written.port,
    name: name.ok ? name.value : '',
    type: written.type,
    rcode: written.rcode,
    values: values ?? null,
    isRecursive: written.recursive,
    waitMs: timeoutMs,
  };
}

export function resolveIcmp(written: Written<'icmp'>, place: TimedPlace): IcmpTarget {
  return { kind: 'icmp', host: hostOf(written, place), waitMs: Math.ceil(place.timeoutMs * OWN_SHARE) };
}

export function resolveGrpc(written: Written<'grpc'>, place: NodePlace): GrpcTarget {
  const { port } = written;
  const service = written.service === '' ? '' : textAt('service', place);
  return { kind: 'grpc', host: hostOf(written, place), port, service, tls: tlsOf(written, place) };
}

export function resolveSql(written: Written<'postgres'>, place: TimedPlace): Omit<SqlTarget, 'kind'> {
  const { port, expect } = written;
  if (expect !== undefined && written.query === undefined) {
    const remedy = 'Write query:, or remove the key';
    place.scope.context.report({
      path: [...place.path, 'expect'],
      reason: 'there is no query whose value it could be',
      remedy,
    });
  }
  return {
    host: hostOf(written, place),
    port,
    database: written.database === undefined ? null : textAt('database', place),
    username: textAt('username', place),
    password: passwordOf(written, place),
    tls: tlsOf(written, place),
    query: written.query === undefined ? null : textAt('query', place),
    expect: expect === undefined ? null : String(expect),
    waitMs: Math.ceil(place.timeoutMs * OWN_SHARE),
  };
}

export function resolveRedis(written: Written<'redis'>, place: NodePlace): RedisTarget {
  const { port, role = null } = written;
  const username = written.username === undefined ? null : textAt('username', place);
  if (username !== null && written.password === undefined) {
    const reason = 'a user logs in with a password, and there is none';
    place.scope.context.report({ path: [...place.path, 'username'], reason, remedy: 'Add password:' });
  }
  const password = passwordOf(written, place);
  return { kind: 'redis', host: hostOf(written, place), port, username, password, tls: tlsOf(written, place), role };
}

function textAt(key: string, { scope, path }: NodePlace): string {
  return scope.textAt([...path, key], { address: 'bare' }).text;
}

/** Address or name, without brackets. */
function hostOf(written: { readonly host?: string | undefined }, place: NodePlace): string {
  if (written.host === undefined) return place.scope.address;
  const text = textAt('host', place);
  const endpoint = parseHostPort(`${text.includes(':') && !text.startsWith('[') ? `[${text}]` : text}:1`, {
    purpose: 'ask',
  });
  if (endpoint.ok) return endpoint.value.host;
  const at = [...place.path, 'host'];
  place.scope.context.report({
    path: at,
    reason: 'expected an address or a name',
    remedy: 'Write "{address}", or remove the key',
  });
  return '';
}

function passwordOf(written: { readonly password?: string | undefined }, place: NodePlace): Secret | null {
  return written.password === undefined ? null : new Secret(textAt('password', place));
}

type TlsWritten = NonNullable<Written<'grpc'>['tls']>;

function tlsOf({ tls }: { readonly tls?: TlsWritten | undefined }, { scope, path }: NodePlace): ClientTls | null {
  return tls === undefined ? null : resolveClientTls(tls, { scope, path: [...path, 'tls'] });
}

function resolveClientTls({ ca, serverName, verify }: TlsWritten, place: NodePlace): ClientTls {
  if (ca !== undefined && !ca.includes('-----BEGIN ')) {
    const reason = 'expected the text of a PEM file in ca';
    place.scope.context.report({ path: place.path, point: 'key', reason, remedy: 'Write ca: ${file:/path/to/ca.pem}' });
  }
  return { ca: ca ?? null, serverName: serverName === undefined ? null : textAt('serverName', place), verify };
}
