// Why a call failed, from what the SDK throws to a code of ours. What decides is whether the call may have been done: only what
// never left this machine, or what the API refused in words, certainly was not (S26).
import { APIConnectionTimeoutError, APIError, APIUserAbortError } from 'cloudflare/error';
import { z } from 'zod';
import { redact, type Secret } from '../../src/base/secret.ts';
import type { ProviderErrorCode } from '../../src/ports/dns-provider.ts';
import { AnswerFault } from './bounded-fetch.ts';

export type CallFault = {
  readonly code: ProviderErrorCode;
  readonly reason: string;
  /** The request may have reached the API and have been done there. */
  readonly isSent: boolean;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  /** Somebody else wrote in between: what was listed is not there any more, or something new is. */
  readonly isOutrun: boolean;
};

const errorSchema = z.object({ code: z.number(), message: z.string().default('') });
const errorsSchema = z.object({
  errors: z.array(errorSchema.extend({ error_chain: z.array(errorSchema).optional() })).min(1),
});

type Meaning = Pick<CallFault, 'code' | 'retryable'> & Partial<Pick<CallFault, 'isOutrun'>>;

const DENIED: Meaning = { code: 'ONEUP_PROVIDER_DENIED', retryable: false };
const ZONE_UNKNOWN: Meaning = { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', retryable: false };
const BESIDE: Meaning = { code: 'ONEUP_PROVIDER_RECORD_CONFLICT', retryable: false };
const OUTRUN: Meaning = { code: 'ONEUP_PROVIDER_REFUSED', retryable: true, isOutrun: true };
const REFUSED: Meaning = { code: 'ONEUP_PROVIDER_REFUSED', retryable: false };

/** The API publishes no list of its numbers; these are the ones that users report. Whatever else comes is told in its words. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [1000, DENIED],
  [6003, DENIED],
  [6111, DENIED],
  [9103, DENIED],
  [9109, DENIED],
  [10000, DENIED],
  [1001, ZONE_UNKNOWN],
  [7000, ZONE_UNKNOWN],
  [7003, ZONE_UNKNOWN],
  [9021, { code: 'ONEUP_PROVIDER_TTL_REFUSED', retryable: false }],
  [81053, BESIDE],
  [81054, BESIDE],
  [81056, BESIDE],
  [81044, OUTRUN],
  [81057, OUTRUN],
  [81058, OUTRUN],
]);

/** Longer words of a provider tell no more. */
const REASON_MAX_LENGTH = 300;
const RETRY_AFTER_MAX_SECONDS = 3_600;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
const SERVER_ERRORS = 500;

export function callFault(error: unknown, secrets: readonly Secret[]): CallFault {
  const fault = faultOf(error);
  return { ...fault, reason: redact(fault.reason, secrets).slice(0, REASON_MAX_LENGTH) };
}

function faultOf(error: unknown): CallFault {
  const cause = causeOf(error);
  if (cause instanceof AnswerFault || error instanceof z.ZodError) return invalid(`it answered ${cause.message}`);
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError)
    return lost('it did not answer in time', true);
  if (!(error instanceof APIError)) throw error;
  if (error.status !== undefined) return fromStatus(error.status, error);
  return lost(`the connection failed: ${cause.message}`, !isBeforeSending(cause));
}

function fromStatus(status: number, error: APIError): CallFault {
  if (status === TOO_MANY_REQUESTS) {
    const retryAfterMs = retryAfter(error.headers?.get('retry-after') ?? null);
    return { ...refusal({ code: 'ONEUP_PROVIDER_THROTTLED', retryable: true }, 'it asks to slow down'), retryAfterMs };
  }
  if (status >= SERVER_ERRORS || status === REQUEST_TIMEOUT) return lost(`it answered with status ${status}`, true);
  const parsed = errorsSchema.safeParse(error.error);
  if (!parsed.success) {
    if (status === UNAUTHORIZED || status === FORBIDDEN) return refusal(DENIED, `it answered with status ${status}`);
    return { ...invalid(`it answered with status ${status} and no error of the API`), isSent: false };
  }
  const errors = parsed.data.errors.flatMap(({ error_chain = [], ...first }) => [first, ...error_chain]);
  const meaning = errors.map(({ code }) => MEANINGS.get(code)).find((found) => found !== undefined) ?? REFUSED;
  const words = errors.map(({ code, message }) => `${message} (${code})`).join(', ');
  return refusal(meaning, `it refused: ${words}`);
}

function refusal({ code, retryable, isOutrun = false }: Meaning, reason: string): CallFault {
  return { code, reason, isSent: false, retryable, retryAfterMs: null, isOutrun };
}

function lost(reason: string, isSent: boolean): CallFault {
  const code = isSent ? 'ONEUP_PROVIDER_UNANSWERED' : 'ONEUP_PROVIDER_UNREACHABLE';
  return { code, reason, isSent, retryable: true, retryAfterMs: null, isOutrun: false };
}

function invalid(reason: string): CallFault {
  const code = 'ONEUP_PROVIDER_ANSWER_INVALID';
  return { code, reason, isSent: true, retryable: true, retryAfterMs: null, isOutrun: false };
}

/** Seconds, or null for what is neither sensible nor a number. */
function retryAfter(header: string | null): number | null {
  const seconds = Number(header ?? Number.NaN);
  return seconds >= 0 && seconds <= RETRY_AFTER_MAX_SECONDS ? seconds * 1_000 : null;
}

/** The error at the bottom: SDK and fetch each wrap the one of the socket. */
function causeOf(error: unknown): Error {
  let inner = error;
  for (let depth = 0; depth < 5 && inner instanceof Error && inner.cause instanceof Error; depth += 1)
    inner = inner.cause;
  return inner instanceof Error ? inner : new Error(String(inner));
}

/** No connection, or none that this machine trusts: no request was sent. */
function isBeforeSending(cause: Error): boolean {
  if (cause instanceof AggregateError)
    return cause.errors.every((each) => each instanceof Error && isBeforeSending(each));
  const { syscall, code = '' } = cause as NodeJS.ErrnoException;
  return (
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    /^(?:ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code)
  );
}
