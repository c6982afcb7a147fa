// Who asks: looks the token of a request up in the store, or refuses it. A revoked token is refused as soon as what was read
// last is too old, and without a store nobody is let in.
import type { Clock } from '../base/clock.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store } from '../ports/store.ts';
import type { ApiResponse } from './answer-request.ts';
import { FailedTries } from './failed-tries.ts';
import { isSameDigest, parseTokenRecord, readToken, type TokenRecord } from './token-record.ts';

/** `agent`: the name for which the token was made. */
export type Caller = { readonly role: 'agent'; readonly agent: string; readonly tokenId: string };

export type Admission =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly response: ApiResponse };

export type TokenSource = { readonly store: Pick<Store, 'get'>; readonly keys: StoreKeys };

type Known = { readonly record: TokenRecord; readonly readAtMonoMs: number };

/** What was read longer ago is read again: well below the 5 s in which a revoked token must be refused. */
const FRESH_MS = 2_000;
const KNOWN_MAX = 1_024;
const NOBODY = '0'.repeat(64);

export class TokenGate {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tries: FailedTries;
  readonly #known = new Map<string, Known>();

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#tries = new FailedTries(clock);
  }

  /** `header`: of `authorization`. Rejects with what the store says when it cannot be asked. */
  async admit(
    header: string | undefined,
    { address, source }: { readonly address: string; readonly source: () => Promise<TokenSource> },
  ): Promise<Admission> {
    const shown = readToken(/^Bearer (\S{1,128})$/i.exec(header ?? '')?.[1] ?? '');
    const isProven = shown !== null && this.#wasAccepted(shown);
    const waitMs = this.#tries.waitMs(address);
    // One wrong token must not lock out the right ones of the same address.
    if (waitMs > 0 && !isProven) return refuse(429, `too many failed tries, wait ${Math.ceil(waitMs / 1_000)} s`);
    if (shown === null) return this.#fail(address, header === undefined ? 'a token is missing' : 'it is no token');
    const record = await this.#read(shown.id, await source());
    const isSecret = isSameDigest(shown.sha256, record?.sha256 ?? NOBODY);
    if (record === null || !isSecret) return this.#fail(address, 'the token is not known here, or was revoked');
    const { expiresWallMs, agent } = record;
    if (expiresWallMs !== null && this.#clock.wallMs() >= expiresWallMs)
      return refuse(401, `token ${shown.id} has expired`);
    return { ok: true, caller: { role: 'agent', agent, tokenId: shown.id } };
  }

  /** Forgets what was read of a token, so that the next look is at the store. */
  forget(tokenId: string): void {
    this.#known.delete(tokenId);
  }

  #wasAccepted({ id, sha256 }: { readonly id: string; readonly sha256: string }): boolean {
    const known = this.#known.get(id);
    return known !== undefined && isSameDigest(known.record.sha256, sha256);
  }

  async #read(id: string, { store, keys }: TokenSource): Promise<TokenRecord | null> {
    const known = this.#known.get(id);
    const askedAtMonoMs = this.#clock.monotonicMs();
    if (known !== undefined && askedAtMonoMs - known.readAtMonoMs < FRESH_MS) return known.record;
    const entry = await store.get(keys.token(id));
    this.#known.delete(id);
    if (entry === null) return null;
    const record = parseTokenRecord(id, entry.value);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, { record, readAtMonoMs: askedAtMonoMs });
    return record;
  }

  #fail(address: string, reason: string): Admission {
    if (this.#tries.note(address))
      this.#logger.warn({ address }, 'many requests with a wrong token, or none; the next ones are refused unread');
    return refuse(401, reason);
  }
}

function refuse(status: 401 | 429, reason: string): Admission {
  const remedy = 'Make a token with oneup token create, and name it in the configuration of the agent';
  const error = { code: 'ONEUP_AGENT_DENIED', message: `Cannot let the caller in: ${reason}`, remedy, exitCode: 7 };
  return { ok: false, response: { status, body: { error } } };
}
