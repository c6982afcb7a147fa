// A token: what its owner keeps (`oneup_<id>_<secret>`) and what the store keeps, which is not enough to make it again.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';

/** `token/<id>`. Times are wall clock: an expiry is a date that a person chose. */
export type TokenRecord = {
  readonly role: 'agent';
  /** Whose node it speaks for: the agent name of the configuration. */
  readonly agent: string;
  /** Of the secret, in hex. */
  readonly sha256: string;
  readonly createdWallMs: number;
  readonly expiresWallMs: number | null;
  readonly note: string;
};

const recordSchema = z.object({
  role: z.literal('agent'),
  agent: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdWallMs: z.number(),
  expiresWallMs: z.number().nullable(),
  note: z.string(),
});

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const SHAPE = /^oneup_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

/** `text` is the whole token, which is shown once and kept nowhere. */
export function makeToken(): { readonly id: string; readonly text: string; readonly sha256: string } {
  const id = randomBytes(ID_BYTES).toString('hex');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, text: `oneup_${id}_${secret}`, sha256: digestOf(secret) };
}

/** Id and digest of what somebody showed; null for what is no token at all. */
export function readToken(text: string): { readonly id: string; readonly sha256: string } | null {
  const [, id, secret] = SHAPE.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, sha256: digestOf(secret) };
}

export function isTokenId(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text);
}

/** Throws ONEUP_STORE_CORRUPT. */
export function parseTokenRecord(id: string, text: string): TokenRecord {
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Reported below, without the text: it holds a digest.
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot read token ${id}: its record is damaged`, {
    remedy: `Run oneup token revoke ${id}, and make a new one`,
  });
}

/** In a time that does not depend on where the two differ. Both are digests in hex. */
export function isSameDigest(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
