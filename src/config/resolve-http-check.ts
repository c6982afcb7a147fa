// Resolves an HTTP check for one node. What cannot be sent, or would show a secret, is refused.
import { err, ok, type Result } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { HttpTarget, JsonExpectation, ProxyTarget } from './check-target.ts';
import { parseJsonPath } from './json-path.ts';
import type { NodePlace } from './node-scope.ts';
import type { KindsWritten } from './schema/check-kinds-schema.ts';

type HttpWritten = NonNullable<KindsWritten['http']>;

export function resolveHttp(written: HttpWritten, { scope, path }: NodePlace, proxy: ProxyTarget | null): HttpTarget {
  if (typeof written === 'string') {
    const url = resolveUrl({ scope, path });
    const body = { bodyContains: null, bodyMatches: null, json: null } as const;
    return { kind: 'http', url, method: 'GET', headers: [], status: [[200, 299]], ...body, verifyTls: true, proxy };
  }
  for (const key of BODY_KEYS) {
    if (written.method !== 'HEAD' || written[key] === undefined) continue;
    const reason = 'an answer to HEAD has no body (RFC 9110 section 9.3.2)';
    scope.context.report({ path: [...path, key], reason, remedy: 'Use method: GET, or remove the key' });
  }
  const { bodyContains, bodyMatches } = written;
  return {
    kind: 'http',
    url: resolveUrl({ scope, path: [...path, 'url'] }),
    method: written.method,
    headers: Object.keys(written.headers).map((name) => resolveHeader(name, { scope, path })),
    status: resolveStatus(written.status, { scope, path: [...path, 'status'] }),
    bodyContains: bodyContains === undefined ? null : textOf({ scope, path: [...path, 'bodyContains'] }),
    // As it was written: braces of a pattern are no placeholders.
    bodyMatches: bodyMatches ?? null,
    json: written.json === undefined ? null : resolveJson(written.json),
    verifyTls: written.verifyTls,
    proxy,
  };
}

function resolveUrl({ scope, path }: NodePlace): string {
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

function resolveHeader(name: string, { scope, path }: NodePlace): readonly [string, Secret] {
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
  { scope, path }: NodePlace,
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

const BODY_KEYS = ['bodyContains', 'bodyMatches', 'json'] as const;

function resolveJson(written: NonNullable<Exclude<HttpWritten, string>['json']>): JsonExpectation {
  const { equals, oneOf, atMost = null, atLeast = null } = written;
  const path = parseJsonPath(written.path);
  const values = equals === undefined ? oneOf : [equals];
  return {
    path: path.ok ? path.value : [],
    test: values === undefined ? { kind: 'range', atLeast, atMost } : { kind: 'oneOf', values },
  };
}

function textOf({ scope, path }: NodePlace): string {
  return scope.textAt(path, { address: 'bare' }).text;
}
