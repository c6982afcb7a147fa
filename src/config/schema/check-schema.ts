// How people write a check: what is looked at, and the rhythm of looking.
import * as z from 'zod';
import { commandSchema } from './command-schema.ts';
import { durationText } from './duration-text.ts';
import { strictKeys } from './strict-keys.ts';
import { wordText } from './word-text.ts';

/** Shorter rhythms measure this machine rather than the service. */
const RHYTHM_MIN_MS = 10;
const INTERVAL_MAX_MS = 3_600_000;
/** Votes of one node; more would only delay a failover that is due. */
const STREAK_MAX = 100;
const HEADERS_MAX = 32;
const STATUS_RANGES_MAX = 16;
/** Compared with the first 64 KiB of the body; a longer text could never be found there. */
const BODY_TEXT_MAX = 65_536;

const statusText = wordText.meta({ title: 'status' });

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
  verifyTls: z.boolean().default(true).meta({ description: '`false` accepts any certificate' }),
}).meta({ id: 'HttpCheck', description: 'An HTTP request that must be answered with an accepted status' });

const tcpSchema = strictKeys({
  host: z
    .string()
    .min(1)
    .meta({ description: 'address or name to connect to', examples: ['{address}'] }),
  port: z.int().min(1).max(65_535).meta({ description: 'port to connect to' }),
}).meta({ id: 'TcpCheck', description: 'A TCP connection that must be accepted' });

const targets = {
  http: z
    .union([z.string(), httpSchema], { error: () => 'expected a URL or a map with url' })
    .optional()
    .meta({
      description: 'HTTP check: a URL, or a map',
    }),
  tcp: z
    .union([z.string(), tcpSchema], { error: () => 'expected address:port or a map with host and port' })
    .optional()
    .meta({
      description: 'TCP check: `{address}:5432`, or a map',
    }),
  exec: commandSchema.optional().meta({
    description:
      'command that exits with 0 when the node is well; run by every prober. One that is cut off at `timeout` could not look and never counts as down, so give it a shorter limit of its own (S23)',
  }),
};

/** The kinds of check, of which exactly one is written. */
const CHECK_KINDS = ['http', 'tcp', 'exec'] as const satisfies readonly (keyof typeof targets)[];

export const checkSchema = strictKeys({
  ...targets,
  interval: durationText({ minMs: RHYTHM_MIN_MS, maxMs: INTERVAL_MAX_MS }).optional().meta({
    description: 'time between two looks [5s]',
  }),
  timeout: durationText({ minMs: RHYTHM_MIN_MS, maxMs: INTERVAL_MAX_MS }).optional().meta({
    description:
      'a check without an answer by then fails; at most `interval` and shorter than `sessionTtl` [3s, or `interval` if shorter]',
  }),
  fall: z.int().min(1).max(STREAK_MAX).optional().meta({
    description: 'failing checks in a row, rechecks included, until a node is down [3]',
  }),
  rise: z.int().min(1).max(STREAK_MAX).optional().meta({
    description: 'passing checks in a row until a node is up [2]',
  }),
  minDown: durationText({ maxMs: INTERVAL_MAX_MS }).optional().meta({
    description: 'shortest time over which `fall` failures count (S24) [`interval`]',
  }),
  recheck: durationText({ minMs: RHYTHM_MIN_MS, maxMs: INTERVAL_MAX_MS }).optional().meta({
    description: 'rhythm of looking again while a node is suspect or being verified [250ms, or `interval` if shorter]',
  }),
})
  .refine((check) => CHECK_KINDS.filter((kind) => check[kind] !== undefined).length === 1, {
    error: 'expected exactly one of http, tcp and exec',
    params: { remedy: 'Write one check, such as http: "http://{address}:8080/"' },
  })
  .meta({ id: 'Check', description: 'One way of looking at a node, and how often' });

export type CheckWritten = z.output<typeof checkSchema>;
