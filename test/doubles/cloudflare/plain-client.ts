// A second client of the double, which shares nothing with the vendor's SDK: plain HTTP, each answer checked against the
// published description. What the SDK leaves out of an answer, such as the envelope, is seen here.
import { z } from 'zod';

const message = z.strictObject({
  code: z.int().min(1_000).or(z.literal(971)),
  message: z.string(),
  type: z.null().optional(),
  error_chain: z.array(z.strictObject({ code: z.int(), message: z.string() })).optional(),
});
const record = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  name: z.string().max(255),
  type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT']),
  content: z.string(),
  priority: z.int().optional(),
  proxiable: z.boolean(),
  proxied: z.boolean(),
  ttl: z.union([z.literal(1), z.int().min(30).max(86_400)]),
  comment: z.string().nullable(),
  tags: z.array(z.string()),
  settings: z.strictObject({
    ipv4_only: z.boolean().optional(),
    ipv6_only: z.boolean().optional(),
    flatten_cname: z.boolean().optional(),
  }),
  meta: z.looseObject({}),
  created_on: z.iso.datetime(),
  modified_on: z.iso.datetime(),
});
const records = z.array(record);
const envelope = z.strictObject({
  success: z.boolean(),
  errors: z.array(message),
  messages: z.array(message),
  result: z.union([
    z.null(),
    record,
    records,
    z.strictObject({ deletes: records, patches: records, puts: records, posts: records }),
    z.strictObject({ id: z.string() }),
    z.strictObject({ id: z.string(), status: z.enum(['active', 'disabled', 'expired']) }),
    z.looseObject({ id: z.string(), name: z.string(), status: z.string() }),
  ]),
  result_info: z
    .strictObject({ page: z.int(), per_page: z.int(), count: z.int(), total_count: z.int(), total_pages: z.int() })
    .optional(),
});

export type PlainRecord = z.infer<typeof record>;
export type PlainAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** Codes of the errors; empty for a success. */
  readonly codes: readonly number[];
  readonly result: unknown;
  readonly info: { readonly total_count: number; readonly total_pages: number; readonly count: number } | undefined;
};
export type PlainClient = (method: string, path: string, body?: unknown) => Promise<PlainAnswer>;

export function plainClient(baseUrl: string, token: string): PlainClient {
  return async (method, path, body) => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const { success, errors, result, result_info } = envelope.parse(await response.json());
    if (success !== response.ok || success !== (errors.length === 0)) throw new Error('An envelope contradicts itself');
    const codes = errors.flatMap(({ code, error_chain = [] }) => [code, ...error_chain.map((link) => link.code)]);
    return { status: response.status, headers: response.headers, codes, result, info: result_info };
  };
}

/** The one record of an answer. */
export function recordOf({ result }: PlainAnswer): PlainRecord {
  return record.parse(result);
}

export function recordsOf({ result }: PlainAnswer): readonly PlainRecord[] {
  return records.parse(result);
}
