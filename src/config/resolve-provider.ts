// Resolves one entry of `providers`: secrets wrapped, and what only makes sense together.
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import { Secret } from '../base/secret.ts';
import type { CallBudget } from '../plan/call-budget.ts';
import type { ConfigPath } from './config-problem.ts';
import { PROVIDER_BUDGETS } from './provider-budget.ts';
import type { AwsCredentialsConfig, ProviderConfig, TsigConfig } from './provider-config.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { ProviderWritten } from './schema/provider-schema.ts';

type Of<Kind extends ProviderWritten['kind']> = Extract<ProviderWritten, { readonly kind: Kind }>;

/** Null when something was reported. */
export function resolveProvider(
  name: string,
  written: ProviderWritten,
  context: ResolveContext,
): ProviderConfig | null {
  const path: ConfigPath = ['providers', name];
  switch (written.kind) {
    case 'builtin':
      return { name, kind: 'builtin' };
    case 'rfc2136':
      return { ...shared(name, written), kind: 'rfc2136', ...updateTarget(written, { path, context }) };
    case 'powerdns': {
      const { url, apiKey, serverId } = written.api;
      const api = { url, apiKey: new Secret(apiKey), serverId };
      return { ...shared(name, written), kind: 'powerdns', ...updateTarget(written, { path, context }), api };
    }
    case 'route53':
      return resolveRoute53(name, written, { path, context });
    case 'cloudflare': {
      const { zoneId, apiToken, endpoint = null } = written;
      return { ...shared(name, written), kind: 'cloudflare', zoneId, apiToken: new Secret(apiToken), endpoint };
    }
  }
}

type Place = { readonly path: ConfigPath; readonly context: ResolveContext };

function shared(name: string, written: Exclude<ProviderWritten, { readonly kind: 'builtin' }>) {
  const zones = 'zones' in written ? written.zones : [written.zone];
  const { kind, timeout: timeoutMs, servers, account = kind } = written;
  const driftCron = written.drift === 'never' ? null : written.drift;
  return { name, zones, timeoutMs, servers, account, budget: budgetOf(written), driftCron };
}

function budgetOf({ kind, budget }: Exclude<ProviderWritten, { readonly kind: 'builtin' }>): CallBudget | null {
  if (budget === undefined) return PROVIDER_BUDGETS[kind];
  const { calls, per: perMs, reserve = Math.floor(calls / 4) } = budget;
  return { calls, perMs, reserve };
}

function updateTarget({ server, tsig }: Of<'rfc2136'> | Of<'powerdns'>, { path, context }: Place) {
  if (!isBase64(tsig.secret)) {
    const remedy = 'Write the text behind `secret` in the key file of the server, such as tsig-keygen prints';
    context.report({ path: [...path, 'tsig', 'secret'], reason: 'expected base64', remedy, rule: 'RFC 8945' });
  }
  const key: TsigConfig = { name: tsig.name, algorithm: tsig.algorithm, secret: new Secret(tsig.secret) };
  return { server, tsig: key };
}

/** With its padding, as every name server writes it; Node would read the rest of a damaged one without a word. */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

function resolveRoute53(name: string, written: Of<'route53'>, { path, context }: Place): ProviderConfig | null {
  const { hostedZoneId, region = null, endpoint = null, assumeRole } = written;
  const credentials = awsCredentials(written);
  if (!credentials.ok) {
    context.report({ ...credentials.error, path: [...path, ...credentials.error.path], point: 'key' });
    return null;
  }
  return {
    ...shared(name, written),
    kind: 'route53',
    hostedZoneId,
    region,
    endpoint,
    credentials: credentials.value,
    assumeRole: assumeRole === undefined ? null : { ...assumeRole, externalId: assumeRole.externalId ?? null },
  };
}

type CredentialFault = { readonly path: ConfigPath; readonly reason: string; readonly remedy: string };

function awsCredentials(written: Of<'route53'>): Result<AwsCredentialsConfig, CredentialFault> {
  const { accessKeyId, secretAccessKey, sessionToken, profile } = written;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const lonely = Object.entries({ accessKeyId, secretAccessKey, sessionToken }).find(
      ([, value]) => value !== undefined,
    );
    if (lonely !== undefined) {
      const reason = 'an access key is an id and a secret, and one of them is missing';
      return err({ path: [lonely[0]], reason, remedy: 'Write accessKeyId and secretAccessKey, or neither' });
    }
    return ok(profile === undefined ? { kind: 'default' } : { kind: 'profile', profile });
  }
  if (profile !== undefined) {
    const reason = 'credentials come from a profile or from an access key, not from both';
    return err({ path: ['profile'], reason, remedy: 'Remove the profile or the access key' });
  }
  return ok({
    kind: 'keys',
    accessKeyId: new Secret(accessKeyId),
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken === undefined ? null : new Secret(sessionToken),
  });
}
