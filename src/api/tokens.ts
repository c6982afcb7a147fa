// POST /v1/tokens, GET /v1/tokens, POST /v1/tokens/revoke on the Unix socket: whoever may open that may hand out tokens. The
// secret leaves this process once, in the answer, and is kept nowhere.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import { nodesOfAgent } from './agent-nodes.ts';
import type { ApiResponse, Route } from './answer-request.ts';
import type { ApiSource } from './api-source.ts';
import { settleCommit } from './settle-commit.ts';
import { isTokenId, makeToken, parseTokenRecord, type TokenRecord } from './token-record.ts';

/** `problem`: the record cannot be read; the token lets nobody in. */
export type ListedToken = { readonly id: string } & (
  | (Omit<TokenRecord, 'sha256'> & { readonly isExpired: boolean })
  | { readonly problem: string }
);

/** `nodes`: for which it may speak by the configuration in force, as `service/node`. */
export type CreatedToken = Omit<TokenRecord, 'sha256'> & {
  readonly id: string;
  readonly token: string;
  readonly nodes: readonly string[];
};

export type RevokedToken = { readonly id: string; readonly revoked: boolean };

/** More tokens than any cluster has nodes; who reaches this has a script that runs wild. */
const TOKENS_MAX = 1_024;
const YEAR_MS = 366 * 86_400_000;

const createSchema = z.strictObject({
  agent: z
    .string()
    .max(63)
    .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'expected a name of lower-case letters, digits and hyphens'),
  expiresAfterMs: z.int().min(1_000).max(YEAR_MS).nullable(),
  note: z.string().max(200),
});
const revokeSchema = z.strictObject({
  id: z.string().refine(isTokenId, 'expected an id as oneup token list shows it'),
});

export function tokenRoutes(source: () => ApiSource): readonly Route[] {
  return [
    { method: 'POST', path: '/v1/tokens', handle: ({ body }) => createToken(source(), body) },
    { method: 'GET', path: '/v1/tokens', handle: () => listTokens(source()) },
    { method: 'POST', path: '/v1/tokens/revoke', handle: ({ body }) => revokeToken(source(), body) },
  ];
}

/** Throws ONEUP_USAGE, ONEUP_REFUSED when there are too many, or what the store says; then no token was given out. */
async function createToken(source: ApiSource, body: unknown): Promise<ApiResponse> {
  const { agent, expiresAfterMs, note } = read(createSchema, body);
  const { store, keys, clock, config } = source;
  const { entries } = await store.list(keys.tokens);
  if (entries.length >= TOKENS_MAX) {
    throw new OneupError('ONEUP_REFUSED', `Cannot create a token: there are ${TOKENS_MAX} already`, {
      remedy: 'Revoke those that nobody uses: oneup token list, oneup token revoke',
    });
  }
  const { id, text, sha256 } = makeToken();
  const createdWallMs = clock.wallMs();
  const expiresWallMs = expiresAfterMs === null ? null : createdWallMs + expiresAfterMs;
  const shown = { role: 'agent', agent, createdWallMs, expiresWallMs, note } as const;
  const key = keys.token(id);
  await commit(source, 'create', {
    guards: [{ kind: 'absent', key }],
    writes: [{ kind: 'put', key, value: JSON.stringify({ ...shown, sha256 } satisfies TokenRecord) }],
  });
  const nodes = nodesOfAgent(config, agent).map(({ service, node }) => `${service}/${node}`);
  return { status: 200, body: { id, token: text, ...shown, nodes } satisfies CreatedToken };
}

async function listTokens({ store, keys, clock }: ApiSource): Promise<ApiResponse> {
  const { entries } = await store.list(keys.tokens);
  const nowWallMs = clock.wallMs();
  const tokens = entries.map(({ key, value }): ListedToken => {
    const id = key.slice(keys.tokens.length);
    try {
      const { sha256: _kept, ...shown } = parseTokenRecord(id, value);
      return { id, ...shown, isExpired: shown.expiresWallMs !== null && nowWallMs >= shown.expiresWallMs };
    } catch (error) {
      // One damaged record must not hide the others, nor keep it from being revoked.
      return { id, problem: error instanceof Error ? error.message : String(error) };
    }
  });
  return { status: 200, body: { tokens } };
}

/** Safe to repeat: `revoked` is false when there is none of that id. */
async function revokeToken(source: ApiSource, body: unknown): Promise<ApiResponse> {
  const { id } = read(revokeSchema, body);
  const { store, keys } = source;
  const key = keys.token(id);
  const entry = await store.get(key);
  if (entry !== null) {
    const guards = [{ kind: 'version', key, version: entry.version }] as const;
    await commit(source, 'revoke', { guards, writes: [{ kind: 'delete', key }] });
  }
  return { status: 200, body: { id, revoked: entry !== null } satisfies RevokedToken };
}

async function commit(
  { store, uniqueId }: ApiSource,
  verb: string,
  request: Omit<Parameters<ApiSource['store']['commit']>[0], 'token'>,
): Promise<void> {
  const { kind } = await settleCommit(store, { ...request, token: uniqueId() });
  if (kind === 'committed') return;
  throw new OneupError('ONEUP_STORE_UNREACHABLE', `Cannot ${verb} the token: the commit ended as ${kind}`, {
    remedy: 'See oneup token list, then try again',
  });
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new OneupError('ONEUP_USAGE', `Cannot read request: ${z.prettifyError(parsed.error)}`);
}
