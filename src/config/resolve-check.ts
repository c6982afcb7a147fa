// Resolves a check for one node: its target with placeholders expanded, and its rhythm with defaults applied.
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { CheckConfig, CheckTarget } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import { parseHostPort } from './host-port.ts';
import type { NodeScope } from './node-scope.ts';
import { resolveCommand } from './resolve-command.ts';
import type { CheckWritten } from './schema/check-schema.ts';

type Place = { readonly scope: NodeScope; readonly path: ConfigPath };

/** `rhythm` is the check whose interval, timeout, fall, rise, minDown and recheck stand in for keys that are not written. */
export function resolveCheck(
  written: CheckWritten,
  { scope, path, rhythm }: Place & { readonly rhythm: CheckWritten | null },
): CheckConfig {
  const intervalMs = written.interval ?? rhythm?.interval ?? DEFAULT_INTERVAL_MS;
  return {
    target: resolveTarget(written, { scope, path }),
    intervalMs,
    timeoutMs: written.timeout ?? rhythm?.timeout ?? Math.min(DEFAULT_TIMEOUT_MS, intervalMs),
    fall: written.fall ?? rhythm?.fall ?? 3,
    rise: written.rise ?? rhythm?.rise ?? 2,
    // S24: a node is down after `fall` failures over at least this long; a shorter time than one interval must be written.
    minDownMs: written.minDown ?? rhythm?.minDown ?? intervalMs,
    recheckMs: written.recheck ?? rhythm?.recheck ?? Math.min(DEFAULT_RECHECK_MS, intervalMs),
  };
}

const DEFAULT_INTERVAL_MS = 5_000;
const DEFAULT_TIMEOUT_MS = 3_000;
const DEFAULT_RECHECK_MS = 250;

function resolveTarget(written: CheckWritten, { scope, path }: Place): CheckTarget {
  if (written.http !== undefined) return resolveHttp(written.http, { scope, path: [...path, 'http'] });
  if (written.tcp !== undefined) return resolveTcp(written.tcp, { scope, path: [...path, 'tcp'] });
  const command = resolveCommand(written.exec ?? [], { scope, path: [...path, 'exec'] });
  return { kind: 'exec', command };
}

function resolveHttp(written: NonNullable<CheckWritten['http']>, { scope, path }: Place): CheckTarget {
  if (typeof written === 'string') {
    const url = resolveUrl({ scope, path });
    const rest = { headers: [], status: [[200, 299]], bodyContains: null, verifyTls: true } as const;
    return { kind: 'http', url, method: 'GET', ...rest };
  }
  const isBodyless = written.method === 'HEAD' && written.bodyContains !== undefined;
  if (isBodyless) {
    const reason = 'an answer to HEAD has no body (RFC 9110 section 9.3.2)';
    scope.context.report({ path: [...path, 'bodyContains'], reason, remedy: 'Use method: GET, or remove the key' });
  }
  return {
    kind: 'http',
    url: resolveUrl({ scope, path: [...path, 'url'] }),
    method: written.method,
    headers: Object.keys(written.headers).map((name) => resolveHeader(name, { scope, path })),
    status: resolveStatus(written.status, { scope, path: [...path, 'status'] }),
    bodyContains: written.bodyContains === undefined ? null : textOf({ scope, path: [...path, 'bodyContains'] }),
    verifyTls: written.verifyTls,
  };
}

function resolveUrl({ scope, path }: Place): string {
  const { text } = scope.textAt(path, { address: 'bracketed' });
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const remedy = 'Write a URL such as http://{address}:8080/health';
    scope.context.report({ path, reason: 'expected an http or https URL', remedy });
  } else if (url.username !== '' || url.password !== '') {
    const remedy = 'Send an Authorization header; values of headers are kept secret';
    scope.context.report({ path, reason: 'a URL is shown in reports and must not hold a password', remedy });
  }
  return url?.href ?? text;
}

function resolveHeader(name: string, { scope, path }: Place): readonly [string, Secret] {
  const at = [...path, 'headers', name];
  const { text } = scope.textAt(at, { address: 'bare' });
  const isToken = /^[!#$%&'*+.^_`|~\w-]+$/.test(name);
  if (!isToken || OWN_HEADERS.has(name.toLowerCase())) {
    const reason = isToken ? `header ${name} is set by the check itself` : `"${name}" is not a name of a header`;
    scope.context.report({ path: at, point: 'key', reason, remedy: 'Remove the header' });
  }
  // RFC 9110 section 5.5: visible characters, spaces and tabs; a line break would begin another header.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) {
    const remedy = 'Write it without line breaks; encode other characters';
    scope.context.report({ path: at, reason: 'the value cannot be sent in a header', remedy });
  }
  return [name, new Secret(text)];
}

/** They frame the message or govern the connection; a wrong one would make the check lie. */
const OWN_HEADERS: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding', 'upgrade']);

function resolveStatus(
  written: string | readonly string[],
  { scope, path }: Place,
): readonly (readonly [from: number, to: number])[] {
  if (typeof written !== 'string') {
    return written.flatMap((text, index) => resolveStatus(text, { scope, path: [...path, index] }));
  }
  const range = parseStatus(written);
  if (range.ok) return [range.value];
  scope.context.report({ path, reason: range.error, remedy: 'Write a status such as 200, or a range such as 200-399' });
  return [];
}

function parseStatus(text: string): Result<readonly [number, number], string> {
  const [, fromText, toText] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
  const from = Number(fromText);
  const to = Number(toText ?? fromText);
  const isRange = from >= 100 && to <= 599 && from <= to;
  return isRange ? ok([from, to]) : err('expected status codes from 100 to 599');
}

function resolveTcp(written: NonNullable<CheckWritten['tcp']>, { scope, path }: Place): CheckTarget {
  const isShort = typeof written === 'string';
  const at = isShort ? path : [...path, 'host'];
  const { text } = scope.textAt(at, { address: 'bracketed' });
  const isBareV6 = !isShort && text.includes(':') && !text.startsWith('[');
  const endpoint = parseHostPort(isShort ? text : `${isBareV6 ? `[${text}]` : text}:${written.port}`, {
    purpose: 'ask',
  });
  if (endpoint.ok) return { kind: 'tcp', ...endpoint.value };
  scope.context.report({ path: at, reason: endpoint.error, remedy: 'Write tcp: "{address}:5432"' });
  return { kind: 'tcp', host: '', port: 0 };
}

function textOf({ scope, path }: Place): string {
  return scope.textAt(path, { address: 'bare' }).text;
}
