// Sends one UPDATE and says what became of it. Only an answer that the key signed for this request tells that nothing was
// done; everything else leaves it open, and a later guarded write settles it (S26).
import { createHash, randomInt } from 'node:crypto';
import type { DomainName } from '../../src/base/ids.ts';
import { encodeUpdate } from '../../src/dns/encode-update.ts';
import { formatRcode, RCODE } from '../../src/dns/rcode.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult } from '../../src/ports/dns-provider.ts';
import { applyFailure, unanswered } from '../apply-failure.ts';
import { exchange } from './exchange.ts';
import { planUpdate } from './plan-update.ts';
import { type Primary, primaryText } from './primary.ts';

/** `refuted`: a prerequisite did not hold when the server looked; nothing was done. */
export type WriteOutcome =
  | Exclude<ApplyResult, { kind: 'conflict' }>
  | { readonly kind: 'refuted'; readonly reason: string };

export type WriteOptions = { readonly idempotencyKey: string; readonly signal: AbortSignal };

export async function writeUpdate(
  primary: Primary,
  zone: DomainName,
  changes: readonly RrsetChange[],
  { idempotencyKey, signal }: WriteOptions,
): Promise<WriteOutcome> {
  const message = encodeUpdate(planUpdate(zone, changes, { id: randomInt(65_536) }));
  if (!message.ok) {
    return applyFailure('ONEUP_PROVIDER_REFUSED', `Cannot write ${zone}: ${message.error}`, { retryable: false });
  }
  const done = await exchange(primary, [message.value], { signal });
  if (done.kind === 'unanswered') {
    const reason = `Cannot write ${zone}: ${done.reason}`;
    return done.wasSent ? unanswered(reason) : applyFailure('ONEUP_PROVIDER_UNREACHABLE', reason);
  }
  const [answer] = done.answers;
  if (answer === undefined || answer.kind === 'invalid') {
    return unanswered(`Cannot write ${zone}: ${answer?.reason ?? 'no answer'}`, 'ONEUP_PROVIDER_ANSWER_INVALID');
  }
  // What says so is not signed or not of our time, so somebody else may have said it.
  if (answer.kind !== 'message') return unanswered(`Cannot write ${zone}: ${answer.reason}`, 'ONEUP_PROVIDER_DENIED');
  return outcomeOf(answer.message.rcode, { zone, server: primaryText(primary), idempotencyKey });
}

type Context = { readonly zone: DomainName; readonly server: string; readonly idempotencyKey: string };

/** RFC 2136 section 2.2 and 3.8. */
function outcomeOf(rcode: number, { zone, server, idempotencyKey }: Context): WriteOutcome {
  const reason = `Cannot write ${zone}: ${server} answered ${formatRcode(rcode)}`;
  switch (rcode) {
    case RCODE.NOERROR:
      return { kind: 'applied', changeId: changeIdOf(zone, idempotencyKey) };
    case RCODE.NXDOMAIN:
    case RCODE.YXDOMAIN:
    case RCODE.YXRRSET:
    case RCODE.NXRRSET:
      return { kind: 'refuted', reason };
    case RCODE.REFUSED:
      return applyFailure('ONEUP_PROVIDER_DENIED', `${reason}: its policy or its checks do not let our key write this`);
    case RCODE.NOTAUTH:
    case RCODE.NOTZONE:
      return applyFailure('ONEUP_PROVIDER_ZONE_UNKNOWN', reason, { retryable: false });
    case RCODE.NOTIMP:
      return applyFailure('ONEUP_PROVIDER_REFUSED', `${reason}: it takes no updates`, { retryable: false });
    case RCODE.FORMERR:
      return applyFailure('ONEUP_PROVIDER_REFUSED', reason, { retryable: false });
    default:
      // Section 3.5 lets a server undo everything before it says SERVFAIL; one that only forwards cannot know.
      return unanswered(`${reason}, see its log`, 'ONEUP_PROVIDER_REFUSED');
  }
}

function changeIdOf(zone: DomainName, idempotencyKey: string): string {
  return `rfc2136:${createHash('sha256').update(`${zone}\n${idempotencyKey}`).digest('hex')}`;
}
