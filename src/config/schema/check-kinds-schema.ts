// How people write what a check looks at: one map for each kind, and groups of kinds.
import * as z from 'zod';
import { err, ok } from '../../base/result.ts';
import { compilePattern } from '../../base/text-pattern.ts';
import { parseJsonPath } from '../json-path.ts';
import { checkTlsSchema, hostKey, loginKeys, portKey } from './check-server-schema.ts';
import { commandSchema } from './command-schema.ts';
import { proxySchema } from './proxy-schema.ts';
import { strictKeys } from './strict-keys.ts';
import { textValue } from './text-value.ts';
import { wordText } from './word-text.ts';

const HEADERS_MAX = 32;
const STATUS_RANGES_MAX = 16;
/** Compared with the first 64 KiB of the body; a longer text could never be found there. */
const BODY_TEXT_MAX = 65_536;
const VALUES_MAX = 64;
const PARTS_MAX = 8;
const DAYS_MAX = 3_650;
const QUERY_MAX = 4_096;

const statusText = wordText.meta({ title: 'status' });
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: () => 'expected a text, a number, true, false or null',
});

const jsonPath = textValue({ kind: 'path', expected: 'a path such as checks[0].status' }, (text) => {
  const path = parseJsonPath(text);
  return path.ok ? ok(text) : err({ reason: path.error, remedy: 'Write a path such as checks[0].status' });
});

const patternText = textValue({ kind: 'pattern', expected: 'a pattern such as "ready|standby"' }, (text) => {
  const pattern = compilePattern(text);
  const reason = pattern.ok ? '' : `the pattern cannot be used: ${pattern.error}`;
  return pattern.ok ? ok(text) : err({ reason, remedy: 'Write a simpler pattern, or use bodyContains' });
});

const JSON_TESTS = ['equals', 'oneOf', 'atMost', 'atLeast'] as const;

const jsonSchema = strictKeys({
  path: jsonPath.meta({ description: 'where the value stands: names with dots, places in lists in brackets' }),
  equals: scalar.optional().meta({ description: 'the value' }),
  oneOf: z.array(scalar).min(1).max(VALUES_MAX).optional().meta({ description: 'the values of which it is one' }),
  atMost: z.number().optional().meta({ description: 'greatest number that passes' }),
  atLeast: z.number().optional().meta({ description: 'smallest number that passes' }),
})
  .refine(
    (json) => {
      const written = JSON_TESTS.filter((key) => json[key] !== undefined);
      return written.length === 1 || (json.atMost !== undefined && json.atLeast !== undefined && written.length === 2);
    },
    {
      error: 'expected exactly one of equals and oneOf, or atMost and atLeast',
      params: { remedy: 'Write what the value must be, such as equals: ok' },
    },
  )
  .meta({ id: 'JsonTest', description: 'What the body must say as JSON. A longer body than 64 KiB fails' });

const httpSchema = strictKeys({
  url: z
    .string()
    .min(1)
    .meta({
      description: "http or https URL; `{address}` becomes the node's address, in brackets for IPv6",
      examples: ['http://{address}:8081/'],
    }),
  method: z.enum(['GET', 'HEAD']).default('GET').meta({ description: 'request method' }),
  headers: z
    .record(z.string(), wordText)
    .refine((headers) => Object.keys(headers).length <= HEADERS_MAX, {
      error: `expected at most ${HEADERS_MAX} headers`,
    })
    .default({})
    .meta({ description: 'headers sent with the request; their values are kept secret' }),
  status: z
    .union([statusText, z.array(statusText).min(1).max(STATUS_RANGES_MAX)], {
      error: () => 'expected a status such as 200 or 200-299, or a list of them',
    })
    .default('200-299')
    .meta({ description: 'accepted status codes: one, a range, or a list of both' }),
  bodyContains: z.string().min(1).max(BODY_TEXT_MAX).optional().meta({
    description: 'text that the first 64 KiB of the body must contain [anything passes]',
  }),
  bodyMatches: patternText.optional().meta({
    description:
      'pattern that must match somewhere in the first 64 KiB of the body: a regular expression with `. [ ] ( ) | * + ? { } ^ $`, `\\d \\w \\s` and a leading `(?i)`, without look-around and back-references, so that no body can take long [anything passes]',
    examples: ['"status": *"(ok|degraded)"'],
  }),
  json: jsonSchema.optional().meta({ description: 'value that the body must hold as JSON [anything passes]' }),
  verifyTls: z.boolean().default(true).meta({ description: '`false` accepts any certificate' }),
}).meta({ id: 'HttpCheck', description: 'An HTTP request that must be answered with an accepted status' });

const tcpSchema = strictKeys({
  host: z
    .string()
    .min(1)
    .meta({ description: 'address or name to connect to', examples: ['{address}'] }),
  port: z.int().min(1).max(65_535).meta({ description: 'port to connect to' }),
}).meta({ id: 'TcpCheck', description: 'A TCP connection that must be accepted' });

const tlsSchema = strictKeys({
  host: hostKey,
  port: portKey(443),
  minDaysToExpiry: z.int().min(0).max(DAYS_MAX).optional().meta({
    description: 'whole days for which the certificate must still be valid [any that is valid now]',
  }),
  ...checkTlsSchema.shape,
}).meta({ id: 'TlsCheck', description: 'A TLS handshake that must succeed, with a certificate that is good' });

const dnsSchema = strictKeys({
  host: hostKey,
  port: portKey(53),
  name: z.string().min(1).max(255).meta({ description: 'name that is asked for' }),
  type: z
    .enum(['A', 'AAAA', 'CNAME', 'NS', 'PTR', 'TXT', 'MX', 'SOA'])
    .default('A')
    .meta({ description: 'type that is asked for' }),
  rcode: z
    .enum(['NOERROR', 'SERVFAIL', 'NXDOMAIN', 'REFUSED'])
    .default('NOERROR')
    .meta({ description: 'code of the answer' }),
  values: z.array(wordText).max(VALUES_MAX).optional().meta({
    description: 'exactly these values in any order; of `SOA` it is the serial, of `MX` `10 mail.example.com.` [any]',
  }),
  recursive: z.boolean().default(false).meta({
    description: '`true` asks a resolver; else the answer must be authoritative',
  }),
}).meta({ id: 'DnsCheck', description: 'A question by UDP that a name server must answer' });

const icmpSchema = strictKeys({ host: hostKey }).meta({
  id: 'IcmpCheck',
  description: 'An echo request that must be answered; sent by the `ping` of the system',
});

const grpcSchema = strictKeys({
  host: hostKey,
  port: z.int().min(1).max(65_535).meta({ description: 'port to connect to' }),
  service: z
    .string()
    .max(255)
    .default('')
    .meta({ description: 'service that is asked about; empty: the whole server' }),
  tls: checkTlsSchema.optional().meta({ description: 'encrypts the connection; `{}` is enough [in the clear]' }),
}).meta({ id: 'GrpcCheck', description: 'grpc.health.v1.Health/Check that must answer SERVING' });

const sqlKeys = {
  database: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'database to log in to [that of the server for the user]' }),
  username: z.string().min(1).meta({ description: 'user to log in as; give it no rights but to read' }),
  password: loginKeys.password,
  tls: checkTlsSchema.optional().meta({ description: 'encrypts the connection; `{}` is enough [in the clear]' }),
  query: z
    .string()
    .min(1)
    .max(QUERY_MAX)
    .optional()
    .meta({
      description: 'query that must succeed; it must change nothing [being let in is enough]',
      examples: ['select pg_is_in_recovery()'],
    }),
  expect: z
    .union([z.string(), z.number(), z.boolean()], { error: () => 'expected a text, a number, true or false' })
    .optional()
    .meta({ description: 'first value of the first row, compared as text [any]' }),
};

const postgresSchema = strictKeys({ host: hostKey, port: portKey(5_432), ...sqlKeys }).meta({
  id: 'PostgresCheck',
  description: 'A login to PostgreSQL, and a query. A refused login is an error, not a failure (S22)',
});

const mysqlSchema = strictKeys({ host: hostKey, port: portKey(3_306), ...sqlKeys }).meta({
  id: 'MysqlCheck',
  description: 'A login to MySQL or MariaDB, and a query. A refused login is an error, not a failure (S22)',
});

const redisSchema = strictKeys({
  host: hostKey,
  port: portKey(6_379),
  ...loginKeys,
  tls: checkTlsSchema.optional().meta({ description: 'encrypts the connection; `{}` is enough [in the clear]' }),
  role: z.enum(['primary', 'replica']).optional().meta({ description: 'part that the server must play [any]' }),
}).meta({ id: 'RedisCheck', description: 'PING to Redis. A refused login is an error, not a failure (S22)' });

const single = {
  http: z
    .union([z.string(), httpSchema], { error: () => 'expected a URL or a map with url' })
    .optional()
    .meta({ description: 'HTTP check: a URL, or a map' }),
  tcp: z
    .union([z.string(), tcpSchema], { error: () => 'expected address:port or a map with host and port' })
    .optional()
    .meta({ description: 'TCP check: `{address}:5432`, or a map' }),
  tls: tlsSchema.optional().meta({ description: 'TLS handshake' }),
  dns: dnsSchema.optional().meta({ description: 'question to a name server' }),
  icmp: icmpSchema.optional().meta({ description: 'echo request (ping)' }),
  grpc: grpcSchema.optional().meta({ description: 'health service of gRPC' }),
  postgres: postgresSchema.optional().meta({ description: 'PostgreSQL' }),
  mysql: mysqlSchema.optional().meta({ description: 'MySQL or MariaDB' }),
  redis: redisSchema.optional().meta({ description: 'Redis' }),
  exec: commandSchema.optional().meta({
    description:
      'command that exits with 0 when the node is well; run by every prober. One that is cut off at `timeout` could not look and never counts as down, so give it a shorter limit of its own (S23)',
  }),
};

/** How many of the kinds are written. */
export function countKinds(written: Readonly<Record<string, unknown>>, kinds: readonly string[]): number {
  return kinds.filter((kind) => written[kind] !== undefined).length;
}

const ONE_KIND = {
  error: `expected exactly one of ${Object.keys(single).join(', ')}`,
  params: { remedy: 'Write one check, such as http: "http://{address}:8080/"' },
};

export const proxyKey = proxySchema('way to the node for `http`, `tcp` and `tls`');

const partSchema = strictKeys({ ...single, proxy: proxyKey })
  .refine((part) => countKinds(part, Object.keys(single)) === 1, ONE_KIND)
  .meta({ id: 'CheckPart', description: 'One look of a group' });

const atLeastSchema = strictKeys({
  count: z.int().min(1).max(PARTS_MAX).meta({ description: 'how many must pass' }),
  of: z.array(partSchema).min(1).max(PARTS_MAX).meta({ description: 'looks side by side' }),
}).meta({ id: 'AtLeast', description: 'A number of looks that must pass' });

const parts = z.array(partSchema).min(1).max(PARTS_MAX);

/** Everything that a check can look at; exactly one is written. */
export const checkKinds = {
  ...single,
  all: parts.optional().meta({
    description: 'looks side by side that must all pass; one failure fails, and an error without one is an error (S22)',
  }),
  any: parts.optional().meta({
    description: 'looks side by side of which one must pass; fails only when every one fails (S22)',
  }),
  atLeast: atLeastSchema.optional().meta({
    description: 'looks side by side of which a number must pass; fails when errors could not make up for it (S22)',
  }),
};

export type PartWritten = z.output<typeof partSchema>;
export type KindsWritten = {
  readonly [Kind in keyof typeof checkKinds]?: z.output<(typeof checkKinds)[Kind]> | undefined;
};

export const CHECK_KINDS: readonly string[] = Object.keys(checkKinds);
