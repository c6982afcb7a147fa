// The limit on requests of one account. "Throttling for Amazon Route 53 API requests": a bucket of 50 requests that is refilled
// with 10 a second, https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/throttling-api-requests.html
// Before 2026 it was five requests a second ("Quotas"), which is the smaller and the one to test with.

export type Rate = { readonly burst: number; readonly perSecond: number };

export const ACCOUNT_RATE: Rate = { burst: 50, perSecond: 10 };
export const OLD_ACCOUNT_RATE: Rate = { burst: 5, perSecond: 5 };

export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#atMs = nowMs;
  }

  take(nowMs: number): boolean {
    const refill = (Math.max(0, nowMs - this.#atMs) / 1_000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + refill);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
