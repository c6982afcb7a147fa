// Commands of a test that are part of its story: each is accepted in the end, or the test fails with what refused it.
import type { CommandReply } from '../../../src/failover/machine-command.ts';
import { waitUntil } from './wait-until.ts';

const SAYS_DONE: readonly string[] = ['S10.one-operation', 'switchover.from-differs'];

/**
 * A busy machine can cost a controller its session between two steps of a test; what is asked then is refused or not answered. An
 * answer that was lost after the command had begun is told by the refusal of the next one: one operation at a time (S10), or,
 * when it has ended meanwhile, that somebody else is active.
 */
export function untilAccepted(what: string, send: () => Promise<CommandReply>): Promise<CommandReply> {
  let isUnanswered = false;
  return waitUntil(`${what} to be accepted`, async () => {
    const reply = await send().catch((error: unknown) => {
      isUnanswered = true;
      throw error;
    });
    if (reply.kind === 'accepted' || (isUnanswered && SAYS_DONE.includes(reply.refusal.rule))) return reply;
    throw new Error(`Refused by ${reply.refusal.rule}: ${reply.refusal.reason}`);
  });
}
