// Resolves the proxy of a check or of a hook: where it is, and how to log in to it.
import { Secret } from '../base/secret.ts';
import type { ProxyTarget } from './check-target.ts';
import type { ConfigPath } from './config-problem.ts';
import { parseHostPort } from './host-port.ts';
import type { NodeScope } from './node-scope.ts';
import type { ProxyWritten } from './schema/proxy-schema.ts';

type Place = { readonly scope: NodeScope; readonly path: ConfigPath };

/** One byte tells the length of each in SOCKS5 (RFC 1929). */
const LOGIN_MAX_BYTES = 255;
const REMEDY = 'Write http://192.0.2.1:3128 or socks5://192.0.2.1:1080';

export function resolveProxy(written: ProxyWritten, { scope, path }: Place): ProxyTarget {
  const isShort = typeof written === 'string';
  const at = isShort ? path : [...path, 'url'];
  const { text } = scope.textAt(at, { address: 'bracketed' });
  const report = (reason: string, remedy = REMEDY) => scope.context.report({ path: at, reason, remedy });
  const [, kind, place = ''] = /^(http|socks5):\/\/([^/]*)\/?$/.exec(text) ?? [];
  if (place.includes('@'))
    report('a URL is shown in reports and must not hold a password', 'Write username: and password: beside url:');
  const endpoint = parseHostPort(place.replace(/^.*@/, ''), { purpose: 'ask' });
  if (kind === undefined) report('expected http://host:port or socks5://host:port');
  else if (!endpoint.ok) report(endpoint.error);
  const { host, port } = endpoint.ok ? endpoint.value : { host: '', port: 0 };
  const login = isShort ? { username: null, password: null } : loginOf(written, { scope, path });
  return { kind: kind === 'socks5' ? 'socks5' : 'http', host, port, ...login };
}

type LoginWritten = { readonly username?: string | undefined; readonly password?: string | undefined };
type Login = { readonly username: string | null; readonly password: Secret | null };

function loginOf(written: LoginWritten, { scope, path }: Place): Login {
  const textAt = (key: string) => scope.textAt([...path, key], { address: 'bare' }).text;
  const username = written.username === undefined ? null : textAt('username');
  const password = written.password === undefined ? null : textAt('password');
  for (const [key, value] of [
    ['username', username],
    ['password', password],
  ] as const) {
    if (value === null || Buffer.byteLength(value) <= LOGIN_MAX_BYTES) continue;
    scope.context.report({
      path: [...path, key],
      reason: `expected at most ${LOGIN_MAX_BYTES} bytes`,
      remedy: 'Write a shorter one',
    });
  }
  return { username, password: password === null ? null : new Secret(password) };
}
