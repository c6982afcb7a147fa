// Who may call the double and how often: API tokens with permissions on zones, and the limit of requests that the vendor
// counts over all tokens of a user.
import { invalidAccessToken, malformedToken, notPermitted, rateLimited, unknownToken } from './api-error.ts';

export type Permission = 'zone:read' | 'dns:read' | 'dns:edit';

export type TokenGrant = {
  readonly zones: readonly string[] | 'all';
  readonly permissions: readonly Permission[];
  readonly status: 'active' | 'disabled' | 'expired';
};

/** API rate limits, https://developers.cloudflare.com/fundamentals/api/reference/limits/ */
const REQUESTS_MAX = 1_200;
const WINDOW_MS = 300_000;
/** 40 letters, digits, dashes and underscores. */
const TOKEN = /^Bearer ([A-Za-z0-9_-]{40})$/;

export class DoubleAccess {
  readonly #tokens = new Map<string, TokenGrant>();
  readonly #nowMs: () => number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #inWindow = 0;
  #blockedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  grant(token: string, grant: TokenGrant): void {
    this.#tokens.set(token, grant);
  }

  /** Counts the request. Whoever goes over the limit is blocked for the next five minutes. */
  count(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    if (this.#inWindow > REQUESTS_MAX && nowMs >= this.#blockedUntilMs) this.#blockedUntilMs = nowMs + WINDOW_MS;
    if (nowMs < this.#blockedUntilMs) throw rateLimited(Math.ceil((this.#blockedUntilMs - nowMs) / 1_000));
  }

  /** The token of a request, which must look like one. */
  tokenOf(authorization: string | undefined): string {
    const token = TOKEN.exec(authorization ?? '')?.[1];
    if (token === undefined) throw malformedToken();
    return token;
  }

  /** Answer of `/user/tokens/verify`. */
  verify(token: string): TokenGrant {
    const grant = this.#tokens.get(token);
    if (grant === undefined) throw unknownToken();
    return grant;
  }

  demand(token: string, { zone, permission }: { readonly zone: string; readonly permission: Permission }): void {
    const grant = this.#tokens.get(token);
    if (grant === undefined || grant.status !== 'active') throw invalidAccessToken();
    const isForZone = grant.zones === 'all' || grant.zones.includes(zone);
    const isEditToo = permission === 'dns:read' && grant.permissions.includes('dns:edit');
    if (!isForZone || !(grant.permissions.includes(permission) || isEditToo)) throw notPermitted();
  }
}
