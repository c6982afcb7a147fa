// What the machine is told of a DNS write that failed: with which code, whether the same may succeed later, and when (S27).
// Chance enters here and not in the machine, which gives the same answer to the same event.
import { createHash } from 'node:crypto';
import type { ErrorCode } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { DnsFailure, DnsOutcome } from '../failover/machine-event.ts';
import type { ApplyResult, ProviderErrorCode } from '../ports/dns-provider.ts';

/** Longest wait for a budget whose refusal does not say how long it lasts. */
const DEFERRED_MS = 5_000;

/** What no repetition cures: a person changes the credentials, the zone, the record or the configuration first. */
const TERMINAL: readonly ProviderErrorCode[] = [
  'ONEUP_PROVIDER_DENIED',
  'ONEUP_PROVIDER_ZONE_UNKNOWN',
  'ONEUP_PROVIDER_RECORD_CONFLICT',
  'ONEUP_PROVIDER_TTL_REFUSED',
  'ONEUP_PROVIDER_REFUSED',
];

export function dnsFailure(
  applied: DnsFailure['applied'],
  reason: string,
  change: Partial<Pick<DnsFailure, 'code' | 'isRetryable' | 'retryAfterMs'>> = {},
): DnsFailure {
  return { kind: 'failed', applied, reason, code: null, isRetryable: true, retryAfterMs: null, jitter: 0, ...change };
}

type Failed = Extract<ApplyResult, { kind: 'failed' }>;

/** A provider that throws while it writes may have written (S26). */
export function thrownByApply(error: unknown): Failed {
  const code = 'ONEUP_PROVIDER_UNANSWERED';
  return { kind: 'failed', code, applied: 'unknown', retryable: true, retryAfterMs: null, reason: String(error) };
}

/** An apply that was answered with a failure. */
export function failureOfApply(result: Failed): DnsOutcome {
  const { code, applied, retryable: isRetryable, retryAfterMs, reason } = result;
  if (code === 'ONEUP_PROVIDER_BUDGET') return deferred(reason, retryAfterMs);
  return dnsFailure(applied, reason, { code, isRetryable, retryAfterMs });
}

/** A fault that was thrown while the provider was read: nothing was sent that changes anything. */
export function failureOfRead(error: unknown): DnsOutcome {
  const reason = error instanceof Error ? error.message : String(error);
  if (!(error instanceof OneupError) || !isProviderCode(error.code)) return dnsFailure('none', reason);
  const { code, retryAfterMs } = error;
  if (code === 'ONEUP_PROVIDER_BUDGET') return deferred(reason, retryAfterMs);
  return dnsFailure('none', reason, { code, retryAfterMs, isRetryable: !TERMINAL.includes(code) });
}

/** From 0 to below 1. Any two ids give unrelated numbers, and in a run with drawn ids the same ones. */
export function drawJitter(uniqueId: string): number {
  return createHash('sha256').update(uniqueId).digest().readUInt32BE(0) / 2 ** 32;
}

function deferred(reason: string, retryAfterMs: number | null): DnsOutcome {
  return { kind: 'deferred', retryAfterMs: retryAfterMs ?? DEFERRED_MS, reason };
}

function isProviderCode(code: ErrorCode): code is ProviderErrorCode {
  return code.startsWith('ONEUP_PROVIDER_');
}
