// One wait with an end: whatever is asked, the answer or its absence is known by the deadline.
import type { Clock } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';

type Options = { readonly clock: Clock; readonly signal: AbortSignal; readonly ms: number };

/** Rejects at the deadline, also when `run` pays no heed to its signal. */
export async function within<T>({ clock, signal, ms }: Options, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.timer(ms, () => deadline.abort(new Error(`no answer within ${formatDuration(ms)}`)));
  const both = AbortSignal.any([signal, deadline.signal]);
  let stop = () => {};
  const over = new Promise<never>((_, reject) => {
    stop = () => reject(both.reason);
    if (both.aborted) stop();
    else both.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([run(both), over]);
  } finally {
    timer.stop();
    both.removeEventListener('abort', stop);
  }
}
