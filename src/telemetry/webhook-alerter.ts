// Tells a receiver by HTTP: a signed POST, repeated a few times under one delivery id when the receiver is busy or away.
import { createHmac, randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { redact, type Secret } from '../base/secret.ts';
import type { Alerter, AlertOutcome } from '../ports/alerter.ts';
import { alertPayload } from './alert-payload.ts';
import { deadlineSignal } from './deadline-signal.ts';
import { type PostOutcome, postOnce } from './post-once.ts';

export type WebhookAlerterOptions = {
  readonly name: string;
  readonly url: string;
  /** Key of the signature; null sends unsigned. */
  readonly secret: Secret | null;
  /** All attempts and the pauses between them together. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Removed from what is sent and from what is said about a failure. */
  readonly secrets: readonly Secret[];
};

/** Pauses before the second, third and fourth attempt; together they fit into the default time limit of 10 s. */
const PAUSES_MS: readonly number[] = [500, 1_000, 2_000];

export function createWebhookAlerter(options: WebhookAlerterOptions): Alerter {
  const { name, clock, timeoutMs, secrets } = options;
  const url = new URL(options.url);

  const send: Alerter['send'] = async (message, { signal }) => {
    const delivery: Delivery = { id: randomUUID(), body: JSON.stringify(alertPayload(message, secrets)) };
    using deadline = deadlineSignal(signal, { timeoutMs, clock });
    const attempt = () =>
      postOnce({ url, headers: headersOf(delivery, options), body: delivery.body, signal: deadline.signal });
    const { last, attempts } = await repeat(attempt, { clock, signal: deadline.signal });
    if (isTaken(last)) return { kind: 'sent' };
    // The path and query of a webhook are often its password, so only the host is named.
    const limit = deadline.isOver() ? `, given up after ${formatDuration(timeoutMs)}` : '';
    const count = attempts === 1 ? '' : ` in ${attempts} attempts`;
    return failed(redact(`Cannot deliver to ${url.host}${count}: ${describe(last)}${limit}`, secrets));
  };
  return { name, send };
}

type Delivery = { readonly id: string; readonly body: string };

/** Signed anew for each attempt, so that a receiver can refuse what is old. */
function headersOf({ id, body }: Delivery, { clock, secret }: WebhookAlerterOptions): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(clock.wallMs() / 1_000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'oneup',
    'oneup-delivery': id,
    'oneup-timestamp': timestamp,
  };
  if (secret === null) return headers;
  const digest = createHmac('sha256', secret.reveal()).update(`${timestamp}.${body}`, 'utf8').digest('hex');
  return { ...headers, 'oneup-signature': `v1=${digest}` };
}

async function repeat(
  attempt: () => Promise<PostOutcome>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<{ readonly last: PostOutcome; readonly attempts: number }> {
  let last = await attempt();
  let attempts = 1;
  for (const pauseMs of PAUSES_MS) {
    if (!isWorthRepeating(last)) break;
    const wasAborted = await clock.sleep(pauseMs, { signal }).then(
      () => false,
      () => true,
    );
    // What the last attempt found out says more than that the time was over.
    if (wasAborted) break;
    attempts += 1;
    const next = await attempt();
    last = next.kind === 'aborted' ? last : next;
  }
  return { last, attempts };
}

function isTaken(outcome: PostOutcome): boolean {
  return outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300;
}

/** Timeout, too many requests, and what is wrong at the receiver (RFC 9110 sections 15.5.9 and 15.6, RFC 6585). */
function isWorthRepeating(outcome: PostOutcome): boolean {
  if (outcome.kind !== 'answered') return outcome.kind === 'unreachable';
  return outcome.status === 408 || outcome.status === 429 || outcome.status >= 500;
}

function describe(outcome: PostOutcome): string {
  switch (outcome.kind) {
    case 'aborted':
      return 'no answer';
    case 'unreachable':
      return outcome.reason;
    case 'answered': {
      const isRedirect = outcome.status >= 300 && outcome.status < 400;
      return `status was ${outcome.status}${isRedirect ? ', and redirects are not followed' : ''}`;
    }
  }
}

function failed(reason: string): AlertOutcome {
  return { kind: 'failed', reason };
}
