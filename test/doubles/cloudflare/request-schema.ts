// The requests of the DNS records API as the vendor publishes them (OpenAPI description and the types of its SDK), for the
// parts that are used here. Fields that the description does not have are refused: the real API may ignore them, and a typo
// would pass unseen.
import { z } from 'zod';
import { invalidBody, invalidQuery } from './api-error.ts';

/** 32 hexadecimal digits: the description says at most 32 characters, and every id that it shows is of this form. */
export const ID = /^[0-9a-f]{32}$/;

const id = z.string().regex(ID);
const ttl = z.number();
const decoration = {
  comment: z.string().max(500).nullable().optional(),
  tags: z.array(z.string().regex(/^[\w-]+(:.*)?$/)).optional(),
};
const settings = z.strictObject({ ipv4_only: z.boolean().optional(), ipv6_only: z.boolean().optional() });
const cnameSettings = settings.extend({ flatten_cname: z.boolean().optional() });
const base = { name: z.string().min(1).max(255), ttl: ttl.optional(), proxied: z.boolean().optional(), ...decoration };
const content = z.string().min(1);

const post = z.discriminatedUnion('type', [
  z.strictObject({ ...base, type: z.literal('A'), content, settings: settings.optional() }),
  z.strictObject({ ...base, type: z.literal('AAAA'), content, settings: settings.optional() }),
  z.strictObject({ ...base, type: z.literal('CNAME'), content, settings: cnameSettings.optional() }),
  z.strictObject({ ...base, type: z.literal('TXT'), content, settings: z.strictObject({}).optional() }),
  z.strictObject({ ...base, type: z.literal('NS'), content, settings: z.strictObject({}).optional() }),
  z.strictObject({
    ...base,
    type: z.literal('MX'),
    content,
    priority: z.int().min(0).max(65_535),
    settings: z.strictObject({}).optional(),
  }),
]);

const changes = {
  name: base.name.optional(),
  type: z.enum(['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'MX']).optional(),
  content: content.optional(),
  priority: z.int().min(0).max(65_535).optional(),
  ttl: ttl.optional(),
  proxied: z.boolean().optional(),
  settings: cnameSettings.optional(),
  ...decoration,
};
const patch = z.strictObject(changes);
const batch = z.strictObject({
  deletes: z.array(z.looseObject({ id })).optional(),
  patches: z.array(z.strictObject({ ...changes, id })).optional(),
  puts: z.array(z.looseObject({ id })).optional(),
  posts: z.array(post).optional(),
});

const NAME_FILTERS = ['name', 'name.exact', 'name.contains', 'name.startswith', 'name.endswith'] as const;
const CONTENT_FILTERS = [
  'content',
  'content.exact',
  'content.contains',
  'content.startswith',
  'content.endswith',
] as const;
const text = z.string().min(1).optional();
const query = z.strictObject({
  ...Object.fromEntries([...NAME_FILTERS, ...CONTENT_FILTERS].map((filter) => [filter, text])),
  type: z.enum(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT']).optional(),
  proxied: z.enum(['true', 'false']).optional(),
  match: z.enum(['any', 'all']).optional(),
  order: z.enum(['type', 'name', 'content', 'ttl', 'proxied']).optional(),
  direction: z.enum(['asc', 'desc']).optional(),
  page: z.coerce.number().int().min(1).optional(),
  per_page: z.coerce.number().int().min(1).max(5_000_000).optional(),
});

export type RecordPost = z.infer<typeof post>;
export type RecordPatch = z.infer<typeof patch>;
export type RecordBatch = {
  readonly deletes: readonly { readonly id: string }[];
  readonly patches: readonly ({ readonly id: string } & RecordPatch)[];
  readonly puts: readonly ({ readonly id: string } & RecordPost)[];
  readonly posts: readonly RecordPost[];
};
export type RecordQuery = {
  readonly filters: readonly { readonly field: 'name' | 'content'; readonly how: string; readonly value: string }[];
  readonly type: string | null;
  readonly proxied: boolean | null;
  readonly isAny: boolean;
  readonly page: number;
  readonly perPage: number;
};

export function readPost(body: unknown): RecordPost {
  return orRefuse(post.safeParse(body), invalidBody);
}

export function readPatch(body: unknown): RecordPatch {
  return orRefuse(patch.safeParse(body), invalidBody);
}

export function readBatch(body: unknown): RecordBatch {
  const { deletes = [], patches = [], puts = [], posts = [] } = orRefuse(batch.safeParse(body), invalidBody);
  const readPut = ({ id: recordId, ...rest }: { readonly id: string }) => ({ id: recordId, ...readPost(rest) });
  return { deletes, patches, puts: puts.map(readPut), posts };
}

/** Filters are written `name=x` or `name.exact=x`, and so on for the other ways to compare. */
export function readQuery(search: URLSearchParams): RecordQuery {
  const given = orRefuse(query.safeParse(Object.fromEntries(search)), invalidQuery) as Record<string, unknown>;
  const filters = [...NAME_FILTERS, ...CONTENT_FILTERS].flatMap((key) => {
    const value = given[key];
    const [field = 'name', how = 'exact'] = key.split('.');
    return typeof value === 'string' ? [{ field: field as 'name' | 'content', how, value }] : [];
  });
  return {
    filters,
    type: (given.type as string | undefined) ?? null,
    proxied: given.proxied === undefined ? null : given.proxied === 'true',
    isAny: given.match === 'any',
    page: (given.page as number | undefined) ?? 1,
    perPage: (given.per_page as number | undefined) ?? 100,
  };
}

function orRefuse<T>(parsed: z.ZodSafeParseResult<T>, refusal: (detail: string) => Error): T {
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(issue === undefined ? 'unreadable' : `${issue.path.join('.')}: ${issue.message}`);
}
