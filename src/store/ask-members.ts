// Asks all members of a store at once, each for itself and all until one deadline: whoever has not answered by then is silent.
// Asking changes nothing (I13), and no failure of a member is a failure of the question.
import type { Clock } from '../base/clock.ts';
import type { MemberAnswer } from '../ports/store-member.ts';
import { memberFault } from './member-fault.ts';

export type AskLimits = {
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** `ask` leaves nothing behind once its signal aborts. */
export type MemberQuestion<T> = { readonly name: string; readonly ask: (signal: AbortSignal) => Promise<T> };

/** In the order of the questions. Never rejects. */
export async function askMembers<T extends MemberAnswer>(
  questions: readonly MemberQuestion<T>[],
  limits: AskLimits,
): Promise<readonly ({ readonly name: string } & (T | MemberAnswer))[]> {
  return withDeadline(limits, (signal) =>
    Promise.all(
      questions.map(async ({ name, ask }) => ({
        name,
        ...(await untilAborted(ask(signal), signal).catch(memberFault)),
      })),
    ),
  );
}

/** The signal aborts at the deadline and in the end, so that nothing goes on that nobody waits for. */
export async function withDeadline<T>(
  { clock, timeoutMs, signal }: AskLimits,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.timer(timeoutMs, () => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    return await run(AbortSignal.any([signal, deadline.signal]));
  } finally {
    timer.stop();
    deadline.abort(new Error('nobody waits for the answer any more'));
  }
}

export function memberName({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
