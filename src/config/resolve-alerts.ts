// Resolves the channels of alerts: references filled in, and nothing sent where others could read it unless the file says so.
import { Secret } from '../base/secret.ts';
import type { AlertChannelConfig, AlertsConfig } from './alerts-config.ts';
import type { ConfigPath } from './config-problem.ts';
import { parseIpAddress } from './ip-address.ts';
import type { NodeScope } from './node-scope.ts';
import { expandPlaceholders } from './placeholders.ts';
import { resolveCommand } from './resolve-command.ts';
import { type ResolveContext, writtenText } from './resolve-context.ts';
import type { AlertChannelWritten, AlertsWritten } from './schema/alerts-schema.ts';
import { ID_RULE, isId } from './schema/id-text.ts';

export function resolveAlerts(written: AlertsWritten, context: ResolveContext): AlertsConfig {
  const channels = Object.entries(written.channels).map(([name, channel]) => {
    const path = ['alerts', 'channels', name];
    if (!isId(name)) context.report({ path, point: 'key', ...ID_RULE });
    return resolveChannel(channel, { name, path, context });
  });
  return { repeatMs: written.repeat, channels };
}

type Place = { readonly name: string; readonly path: ConfigPath; readonly context: ResolveContext };

function resolveChannel(written: AlertChannelWritten, { name, path, context }: Place): AlertChannelConfig {
  const shared = { name, timeoutMs: written.timeout, minLevel: written.level };
  if (written.webhook === undefined) {
    const command = resolveCommand(written.exec ?? [], { scope: scopeWithoutNode(context), path: [...path, 'exec'] });
    return { kind: 'exec', ...shared, command };
  }
  const { url, secret, insecure } = written.webhook;
  return {
    kind: 'webhook',
    ...shared,
    url: resolveUrl(url, { insecure, context, path: [...path, 'webhook', 'url'] }),
    secret: secret === undefined ? null : new Secret(secret),
  };
}

/** An alert is about any service or none, so its command has no node to take values from. */
function scopeWithoutNode(context: ResolveContext): NodeScope {
  return {
    context,
    textAt: (path) => {
      const template = writtenText(context, path);
      const expanded = expandPlaceholders(template, { values: new Map(), references: context.references });
      for (const placeholder of expanded.unknown) {
        const reason = `${placeholder} has no value here, an alert is not about one node`;
        context.report({ path, reason, remedy: 'Let the command read its ONEUP_ALERT_ variables' });
      }
      return expanded;
    },
  };
}

function resolveUrl(
  text: string,
  { insecure, context, path }: Omit<Place, 'name'> & { readonly insecure: boolean },
): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    const remedy = 'Write a URL such as https://alerts.example.net/oneup';
    context.report({ path, reason: 'expected an http or https URL', remedy });
    return text;
  }
  if (url.username !== '' || url.password !== '') {
    const remedy = 'Remove it; the receiver knows oneup by the signature that secret: makes';
    context.report({ path, reason: 'a URL is shown in reports and must not hold a password', remedy });
  } else if (url.protocol === 'http:' && !insecure && !isLoopback(url.hostname)) {
    const reason = 'over http the way to another machine can read and change the alert';
    context.report({ path, reason, remedy: 'Write an https URL, or insecure: true beside it' });
  }
  return url.href;
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1') return true;
  return host.startsWith('127.') && parseIpAddress(host).ok;
}
