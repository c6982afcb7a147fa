// How a provider says that a write failed. Whether it may have been done decides what may follow (S26), so the two are told
// apart by the function that is called and not by a flag that could be forgotten.
import type { ApplyResult, ProviderErrorCode } from '../src/ports/dns-provider.ts';

type Failed = Extract<ApplyResult, { kind: 'failed' }>;

/** Certainly nothing was changed: it was not sent, or the provider refused it. */
export function applyFailure(
  code: ProviderErrorCode,
  reason: string,
  { retryable = true, retryAfterMs = null }: Partial<Pick<Failed, 'retryable' | 'retryAfterMs'>> = {},
): Failed {
  return { kind: 'failed', code, applied: 'none', retryable, retryAfterMs, reason };
}

/** It was sent, and nobody knows whether it was done: only a later guarded write that succeeds settles it. */
export function unanswered(reason: string, code: ProviderErrorCode = 'ONEUP_PROVIDER_UNANSWERED'): Failed {
  return { kind: 'failed', code, applied: 'unknown', retryable: true, retryAfterMs: null, reason };
}
