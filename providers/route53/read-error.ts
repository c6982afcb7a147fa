// What an error of the SDK means: a code of ours, whether the request was taken, and a reason that holds no secret. Error
// objects of the SDK hold headers and messages may repeat what was signed, so only known texts of them go on.
// "Common Errors", https://docs.aws.amazon.com/Route53/latest/APIReference/CommonErrors.html
import { redact, type Secret } from '../../src/base/secret.ts';
import type { ProviderErrorCode } from '../../src/ports/dns-provider.ts';
import type { CallError } from './call.ts';

export type ProviderFault = {
  readonly code: ProviderErrorCode;
  /** The code that Route 53 gave, or the name of the error. */
  readonly name: string;
  readonly applied: 'none' | 'unknown';
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly reason: string;
  /** What was wrong with a change batch, one text for each fault. */
  readonly messages: readonly string[];
};

type SdkError = {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly messages?: unknown;
  readonly Messages?: { readonly Message?: unknown };
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
};

type Meaning = Pick<ProviderFault, 'code' | 'retryable'>;

const DENIED: Meaning = { code: 'ONEUP_PROVIDER_DENIED', retryable: false };
const SLOWER: Meaning = { code: 'ONEUP_PROVIDER_THROTTLED', retryable: true };
/** Clocks and tokens right themselves, so these are tried again. */
const LATE: Meaning = { code: 'ONEUP_PROVIDER_DENIED', retryable: true };
const REFUSED: Meaning = { code: 'ONEUP_PROVIDER_REFUSED', retryable: false };
const LOST: Meaning = { code: 'ONEUP_PROVIDER_UNREACHABLE', retryable: true };

const MEANINGS: Readonly<Record<string, Meaning>> = {
  AccessDenied: DENIED,
  AccessDeniedException: DENIED,
  CredentialsProviderError: DENIED,
  IncompleteSignature: DENIED,
  InvalidAccessKeyId: DENIED,
  InvalidClientTokenId: DENIED,
  MissingAuthenticationToken: DENIED,
  NotAuthorized: DENIED,
  OptInRequired: DENIED,
  SignatureDoesNotMatch: DENIED,
  TokenRefreshRequired: DENIED,
  UnrecognizedClientException: DENIED,
  ExpiredToken: LATE,
  ExpiredTokenException: LATE,
  RequestExpired: LATE,
  RequestTimeTooSkewed: LATE,
  NoSuchHostedZone: { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', retryable: false },
  PriorRequestNotComplete: SLOWER,
  RequestLimitExceeded: SLOWER,
  SlowDown: SLOWER,
  Throttling: SLOWER,
  ThrottlingException: SLOWER,
  TooManyRequestsException: SLOWER,
};

/** Errors whose text says what is wrong and repeats nothing that was signed. */
const TELLING: ReadonlySet<string> = new Set([
  'InvalidChangeBatch',
  'InvalidInput',
  'AccessDenied',
  'NoSuchHostedZone',
]);
/** How a wrong clock is told under the name of a wrong signature; the times that follow are left out. */
const WRONG_CLOCK = /^(?:Signature expired|Signature not yet current|Request has expired)/;
const REASON_MAX = 400;
/** A server that asks for more is asked again all the same. */
const RETRY_AFTER_MAX_MS = 3_600_000;

export function readError({ error, isSent }: CallError, secrets: readonly Secret[]): ProviderFault {
  const { name, code, message, $metadata, $response, ...more } = toSdkError(error);
  const status = $response?.statusCode ?? $metadata?.httpStatusCode ?? null;
  const messages = batchMessages(more, message);
  const isBatch = name === 'InvalidChangeBatch' || (status === 400 && name === 'Unknown' && messages.length > 0);
  const known = isBatch ? 'InvalidChangeBatch' : `${name ?? 'Error'}`;
  const isClock = WRONG_CLOCK.test(typeof message === 'string' ? message : '');
  const meaning = isClock ? LATE : (MEANINGS[known] ?? byStatus(status, isSent));
  const told = TELLING.has(known) ? `: ${isBatch ? messages.join('; ') : message}` : transportDetail(status, code);
  const detail = isClock ? ': the clock of this machine differs from that of AWS' : told;
  const text = `${known}${status === null ? '' : ` (HTTP ${status})`}${detail}`;
  return {
    ...meaning,
    name: known,
    // A request that was answered with a status below 500 was refused as a whole; after everything else nobody knows.
    applied: !isSent || (status !== null && status >= 400 && status < 500) ? 'none' : 'unknown',
    retryAfterMs: readRetryAfter($response?.headers?.['retry-after']),
    reason: redact(text, secrets).replaceAll(/\s+/g, ' ').slice(0, REASON_MAX),
    messages,
  };
}

function byStatus(status: number | null, isSent: boolean): Meaning {
  if (status === 429) return SLOWER;
  if (status === 401 || status === 403) return DENIED;
  if (status !== null && status >= 400 && status < 500) return REFUSED;
  if (status !== null && status < 400) return { code: 'ONEUP_PROVIDER_ANSWER_INVALID', retryable: true };
  return isSent ? { code: 'ONEUP_PROVIDER_UNANSWERED', retryable: true } : LOST;
}

/** The code of the operating system says enough about a connection. */
function transportDetail(status: number | null, code: unknown): string {
  return status === null && typeof code === 'string' ? ` ${code}` : '';
}

/** Route 53 gives the faults of a batch as elements of their own, or all of them in the brackets of one message. */
function batchMessages(
  { messages, Messages }: Pick<SdkError, 'messages' | 'Messages'>,
  message: unknown,
): readonly string[] {
  const listed = [messages, Messages?.Message].flat().filter((text) => typeof text === 'string');
  if (listed.length > 0) return listed;
  return typeof message === 'string' && message !== 'UnknownError' ? [message.replace(/^\[(.*)\]$/s, '$1')] : [];
}

/** Seconds, or a date, which cannot be compared with a clock of ours (S1) and is left out. RFC 9110 section 10.2.3. */
function readRetryAfter(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,9}$/.test(text)) return null;
  return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS);
}

function toSdkError(error: unknown): SdkError {
  return typeof error === 'object' && error !== null ? (error as SdkError) : { name: 'Error', message: '' };
}
