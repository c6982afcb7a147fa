// Does the provider say that all of its servers have a change? An anycast server is many, so nobody else can say it. A failover
// leaves three calls for the question; after those it is asked seldom, and never again once it has said yes.
import type { PropagationReport } from '../failover/propagation-report.ts';
import type { LastWrite } from './last-writes.ts';
import type { Performer } from './performer.ts';

const CONFIRM_PAUSES_MS = [0, 3_000, 12_000];
const CONFIRM_TIMEOUT_MS = 5_000;
/** A change that is not there after the first questions is worth one a minute, not one with every look at laggards. */
const ASK_AGAIN_AFTER_MS = 60_000;

type Said = PropagationReport['provider'];

export type ProviderQuestion = {
  /** Under which the write is remembered. */
  readonly key: string;
  /** Name of the entry in `providers`. */
  readonly provider: string;
  /** Null: nobody knows what the provider calls it, so there is nothing to ask for. */
  readonly write: LastWrite | null;
  readonly signal: AbortSignal;
};

/** Never rejects. */
export async function askProvider({ deps, writes }: Performer, question: ProviderQuestion): Promise<Said> {
  const { write, key, signal } = question;
  if (write === null) return null;
  const { clock } = deps;
  const before = write.asked?.changeId === write.changeId ? write.asked : null;
  if (before !== null) {
    const isRecent = clock.monotonicMs() - before.atMonoMs < ASK_AGAIN_AFTER_MS;
    if (before.said === 'insync' || isRecent) return before.said;
  }
  let said: Said = 'unknown';
  for (const pauseMs of before === null ? CONFIRM_PAUSES_MS : [0]) {
    await clock.sleep(pauseMs, { signal }).catch(() => undefined);
    if (signal.aborted) return said;
    said = await askOnce(deps, question, write.changeId);
    const known = writes.get(key);
    const asked = { changeId: write.changeId, said, atMonoMs: clock.monotonicMs() };
    if (known?.changeId === write.changeId) writes.set(key, { ...known, asked });
    if (said === 'insync') return said;
  }
  return said;
}

async function askOnce(
  { clock, ports }: Performer['deps'],
  { provider, signal }: ProviderQuestion,
  changeId: string,
): Promise<NonNullable<Said>> {
  const deadline = new AbortController();
  const silence = new Promise<'unknown'>((resolve) => {
    deadline.signal.addEventListener('abort', () => resolve('unknown'), { once: true });
  });
  const timer = clock.timer(CONFIRM_TIMEOUT_MS, () => deadline.abort(new Error('no answer in time')));
  const asking = ports.provider(provider).confirm(changeId, { signal: AbortSignal.any([signal, deadline.signal]) });
  const said = await Promise.race([asking.catch(() => 'unknown' as const), silence]);
  timer.stop();
  return said;
}
