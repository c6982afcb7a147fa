// How the DNS provider of a story answers a write, and what the machine is then told.
import type { DnsIntent } from '../../src/failover/intent.ts';
import type { DnsOutcome } from '../../src/failover/machine-event.ts';

export type DnsMode = 'ok' | 'fails' | 'writtenUnanswered' | 'droppedUnanswered' | 'denied' | 'blocked' | 'foreign';

const SILENCE = { kind: 'failed', reason: 'the provider does not answer', isRetryable: true, jitter: 0 } as const;
/** `blocked`: the account has used up what it may ask, for five minutes. */
export const DNS_FAILURES: Readonly<Record<Exclude<DnsMode, 'ok'>, DnsOutcome>> = {
  fails: { ...SILENCE, applied: 'none', code: 'ONEUP_PROVIDER_UNREACHABLE', retryAfterMs: null },
  writtenUnanswered: { ...SILENCE, applied: 'unknown', code: 'ONEUP_PROVIDER_UNANSWERED', retryAfterMs: null },
  droppedUnanswered: { ...SILENCE, applied: 'unknown', code: 'ONEUP_PROVIDER_UNANSWERED', retryAfterMs: null },
  denied: {
    ...SILENCE,
    applied: 'none',
    reason: 'the token lacks a permission',
    code: 'ONEUP_PROVIDER_DENIED',
    isRetryable: false,
    retryAfterMs: null,
  },
  foreign: { kind: 'drift', reason: 'A holds 203.0.113.9, which oneup did not write' },
  blocked: {
    ...SILENCE,
    applied: 'none',
    reason: 'the provider asks to slow down',
    code: 'ONEUP_PROVIDER_THROTTLED',
    retryAfterMs: 300_000,
  },
};

/** What one provider holds, and how it answers. */
type StoryDns = { address: string; epoch: number; seq: number; mode: DnsMode; writes: string[] };

export function emptyDns(): StoryDns {
  return { address: '', epoch: 0, seq: 0, mode: 'ok', writes: [] };
}

/** `b`, or all that are named with their weights where these differ: `a:3 b:1`. */
export function namedBy({ node, answers }: DnsIntent): string {
  if (answers === undefined) return String(node);
  const isEqual = answers.every(({ weight }) => weight === answers[0]?.weight);
  return answers.map((answer) => (isEqual ? answer.node : `${answer.node}:${answer.weight}`)).join('+');
}
