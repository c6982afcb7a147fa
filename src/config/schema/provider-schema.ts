// How people write the places where records live: kind by kind, because each knows its zones and its callers by other things.
import * as z from 'zod';
import { err, ok } from '../../base/result.ts';
import { cronText } from './cron-text.ts';
import { durationText } from './duration-text.ts';
import { idText } from './id-text.ts';
import { nameText } from './name-text.ts';
import { serverText } from './server-text.ts';
import { strictKeys } from './strict-keys.ts';
import { textValue } from './text-value.ts';

/** One entry for each account or server; a few hundred zones of one server belong to several. */
const ZONES_MAX = 256;
/** A delegation with more name servers than a referral holds (RFC 1035 section 4.2.1) is rare. */
const SERVERS_MAX = 32;
const CALLS_MAX = 1_000_000;
const TIMEOUT = { minMs: 100, maxMs: 60_000 };
const KINDS = 'builtin, rfc2136, powerdns, route53 or cloudflare';

/** Keys of this file that hold secrets, wherever they stand below an entry. */
export const PROVIDER_SECRETS: readonly (readonly string[])[] = [
  ['tsig', 'secret'],
  ['api', 'apiKey'],
  ['accessKeyId'],
  ['secretAccessKey'],
  ['sessionToken'],
  ['apiToken'],
];

const kindOf = <const Kind extends string>(kind: Kind) => z.literal(kind).meta({ description: 'kind of provider' });

/** Secrets travel to it, so the line must be closed, but for one that never leaves the machine. */
const urlText = textValue({ kind: 'URL', expected: 'a URL such as https://api.example.com' }, (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const remedy = 'Write https://host:port, or http:// for an address of this machine';
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return err({ reason: 'expected an http or https URL', remedy });
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return err({ reason: 'expected a URL without user, query and fragment', remedy });
  if (url.protocol === 'http:' && !NEAR.test(url.hostname))
    return err({ reason: 'expected https: the credentials must not be read on the way', remedy });
  return ok(text.replace(/\/+$/, ''));
});

/** Addresses, as a URL has them, and not names that begin like one. */
const NEAR = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;

function secretText(what: string, example: string) {
  const description = `${what}; kept secret`;
  return z
    .string()
    .min(1)
    .meta({ description, examples: [example] });
}

const zone = nameText.meta({ description: 'name of the zone' });

const zones = z
  .array(nameText)
  .min(1)
  .max(ZONES_MAX)
  .meta({
    description: 'zones that this entry may write',
    examples: [['example.com']],
  });

const budgetSchema = strictKeys({
  calls: z.int().min(4).max(CALLS_MAX).meta({ description: 'calls that the provider allows the account in `per`' }),
  per: durationText({ minMs: 1_000, maxMs: 86_400_000 }).meta({ description: 'the time in which the provider counts' }),
  reserve: z.int().min(0).max(CALLS_MAX).optional().meta({
    description: 'calls that only failovers may use, less than half of `calls` [a quarter of `calls`]',
  }),
}).meta({ id: 'ProviderBudget', description: 'How many calls the provider allows' });

const common = {
  drift: z
    .union([z.literal('never'), cronText], { error: () => 'expected a cron pattern such as */5 * * * *, or never' })
    .prefault('*/5 * * * *')
    .meta({
      description:
        'when the controller looks whether others changed the managed records, as a cron pattern in UTC or `never` (S27)',
    }),
  account: idText.optional().meta({
    description: 'what the provider counts calls by: entries of one account share one budget [the kind]',
  }),
  budget: budgetSchema.optional().meta({
    description:
      'calls that the provider allows [`route53`: 5 in 1s, `cloudflare`: 1200 in 5m, others: as many as there are]',
  }),
  timeout: durationText(TIMEOUT).prefault('5s').meta({ description: 'longest wait for one answer of the provider' }),
  servers: z.array(serverText).max(SERVERS_MAX).prefault([]).meta({
    description:
      'name servers as host:port that are asked whether the world sees a change [those that the NS records of the zone name]',
  }),
};

const builtinSchema = strictKeys({ kind: kindOf('builtin') }).meta({
  id: 'BuiltinProvider',
  description: 'The zones of `dns`, served by oneup itself',
});

const tsigSchema = strictKeys({
  name: nameText.meta({ description: 'name of the key, as the server knows it' }),
  algorithm: z.enum(['hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512']).default('hmac-sha256').meta({
    description: 'algorithm of the key; SHA-1 and MD5 are not accepted (RFC 8945 section 6)',
  }),
  secret: secretText('key in base64', '${file:/etc/oneup/tsig-secret}'),
}).meta({ id: 'Tsig', description: 'The key that signs updates and proves answers (RFC 8945)' });

const update = {
  zones,
  server: serverText.meta({
    description: 'the one primary that takes updates, host:port; always the same one (S27)',
    examples: ['ns1.example.com:53'],
  }),
  tsig: tsigSchema.meta({ description: 'key that the server demands for updates' }),
};

const rfc2136Schema = strictKeys({ kind: kindOf('rfc2136'), ...update, ...common }).meta({
  id: 'Rfc2136Provider',
  description: 'A name server that takes updates (RFC 2136): BIND, Knot, PowerDNS and others',
});

const powerDnsSchema = strictKeys({
  kind: kindOf('powerdns'),
  ...update,
  api: strictKeys({
    url: urlText.meta({
      description: 'address of the web server of PowerDNS, without a path',
      examples: ['http://127.0.0.1:8081'],
    }),
    apiKey: secretText('what stands in `api-key`', '${file:/etc/oneup/powerdns-key}'),
    serverId: z
      .string()
      .regex(/^[\w.-]{1,64}$/, { error: () => 'expected an id of letters, digits, dots and dashes' })
      .default('localhost')
      .meta({ description: 'id of the server' }),
  }).meta({ description: 'HTTP API, for reading and for NOTIFY; writes are guarded updates (S27)' }),
  ...common,
}).meta({ id: 'PowerDnsProvider', description: 'PowerDNS Authoritative Server 4.5 or later' });

const assumeRoleSchema = strictKeys({
  roleArn: z
    .string()
    .regex(/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/, { error: () => 'expected the ARN of a role' })
    .meta({ description: 'role to take', examples: ['arn:aws:iam::111122223333:role/oneup-dns'] }),
  externalId: z.string().min(2).max(1_224).optional().meta({
    description: 'what the owner of the role demands, so that nobody else can have it taken for them',
  }),
  sessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/, { error: () => 'expected 2 to 64 letters, digits and =,.@-' })
    .default('oneup')
    .meta({ description: 'name of the session in the log of the account' }),
}).meta({ id: 'AssumeRole', description: 'A role of another account (AWS STS AssumeRole)' });

const route53Schema = strictKeys({
  kind: kindOf('route53'),
  zone,
  hostedZoneId: z
    .string()
    .regex(/^[A-Z0-9]{1,32}$/, { error: () => 'expected the id of a hosted zone, such as Z0123456789ABCDEFGHIJ' })
    .meta({ description: 'id of the hosted zone', examples: ['Z0123456789ABCDEFGHIJ'] }),
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, { error: () => 'expected a region such as us-east-1' })
    .optional()
    .meta({ description: 'region whose keys sign the calls [us-east-1]' }),
  endpoint: urlText.optional().meta({ description: 'another address of the API' }),
  accessKeyId: secretText('id of the access key', '${env:ONEUP_AWS_ACCESS_KEY_ID}').optional(),
  secretAccessKey: secretText('secret of the access key', '${file:/etc/oneup/aws-secret}').optional(),
  sessionToken: secretText('token of temporary keys', '${env:ONEUP_AWS_SESSION_TOKEN}').optional(),
  profile: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: 'profile of the shared files of the AWS tools [what the SDK finds by itself]' }),
  assumeRole: assumeRoleSchema.optional().meta({ description: 'role that is taken with these credentials' }),
  ...common,
}).meta({ id: 'Route53Provider', description: 'A hosted zone of Amazon Route 53' });

const cloudflareSchema = strictKeys({
  kind: kindOf('cloudflare'),
  zone,
  zoneId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, { error: () => 'expected the id of a zone, 32 hexadecimal digits' })
    .meta({ description: 'id of the zone', examples: ['0123456789abcdef0123456789abcdef'] }),
  apiToken: secretText('token with DNS edit rights on this zone alone', '${file:/etc/oneup/cloudflare-token}'),
  endpoint: urlText.optional().meta({ description: 'another address of the API' }),
  ...common,
}).meta({ id: 'CloudflareProvider', description: 'A zone of Cloudflare' });

export const providerSchema = z
  .discriminatedUnion('kind', [builtinSchema, rfc2136Schema, powerDnsSchema, route53Schema, cloudflareSchema], {
    error: (issue) => (issue.code === 'invalid_union' ? `expected ${KINDS}` : undefined),
  })
  .meta({ description: 'a place where DNS records live' });

export type ProviderWritten = z.output<typeof providerSchema>;
