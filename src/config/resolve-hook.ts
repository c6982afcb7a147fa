// Resolves an action behind an HTTP hook for one node. Its answers are proof (S17), so the way there must be safe.
import { Secret } from '../base/secret.ts';
import type { HttpActionConfig } from './action-config.ts';
import type { ProxyTarget } from './check-target.ts';
import type { ConfigPath } from './config-problem.ts';
import { parseIpAddress } from './ip-address.ts';
import type { NodeScope } from './node-scope.ts';
import { resolveProxy } from './resolve-proxy.ts';
import type { HttpHookWritten } from './schema/driver-schema.ts';

type Place = { readonly scope: NodeScope; readonly path: ConfigPath };

/** A shorter key could be guessed by trying. */
const SECRET_CHARS_MIN = 16;

export function resolveHook(written: HttpHookWritten, place: Place): Omit<HttpActionConfig, 'timeoutMs'> {
  const { scope, path } = place;
  const secret = scope.textAt([...path, 'secret'], { address: 'bare' }).text;
  if (secret.length > 0 && secret.length < SECRET_CHARS_MIN) {
    // Not at the secret itself: a message shows the value at its path.
    const reason = `the secret is too short, ${SECRET_CHARS_MIN} characters are the least`;
    scope.context.report({ path, point: 'key', reason, remedy: 'Make one with openssl rand -hex 32' });
  }
  const proxy = written.proxy === undefined ? null : resolveProxy(written.proxy, { scope, path: [...path, 'proxy'] });
  return {
    driver: 'http',
    url: resolveUrl(place, proxy),
    secret: new Secret(secret),
    ca: written.ca === undefined ? null : resolveCa(place),
    proxy,
  };
}

function resolveCa({ scope, path }: Place): string {
  const { text } = scope.textAt([...path, 'ca'], { address: 'bare' });
  if (!text.includes('-----BEGIN ')) {
    const reason = 'expected the text of a PEM file in ca';
    scope.context.report({ path, point: 'key', reason, remedy: 'Write ca: ${file:/path/to/ca.pem}' });
  }
  return text;
}

function resolveUrl({ scope, path }: Place, proxy: ProxyTarget | null): string {
  const at = [...path, 'url'];
  const { text, holdsSecret } = scope.textAt(at, { address: 'bracketed' });
  const url = URL.canParse(text) ? new URL(text) : null;
  const report = (reason: string, remedy: string) => scope.context.report({ path: at, reason, remedy });
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    report('expected an https URL', 'Write a URL such as https://{address}:8443/oneup');
  } else if (url.username !== '' || url.password !== '' || holdsSecret) {
    report(
      'a URL is shown in reports and must not hold a password',
      'Remove it; the hook knows oneup by the signature',
    );
  } else if (url.search !== '' || url.hash !== '') {
    report('the calls are made below this URL, which therefore has no query', 'Write it without ? and #');
  } else if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    report('over http the way to another machine can read what is asked', 'Write an https URL');
  } else if (url.protocol === 'http:' && proxy !== null && !isLoopback(proxy.host)) {
    report('loopback behind a proxy is another machine, and over http the way there can be read', 'Write an https URL');
  }
  return url?.href.replace(/\/$/, '') ?? text;
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1') return true;
  return host.startsWith('127.') && parseIpAddress(host).ok;
}
