// Waiting for real processes: look again and again until something is there, within a deadline that a slow machine can keep.
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;
const PATIENCE_MS = 20_000;

/** Resolves with what `look` found once it is neither null nor false; a look that throws is a look that found nothing. */
export async function waitUntil<T>(
  what: string,
  look: () => T | null | false | Promise<T | null | false>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const until = performance.now() + patienceMs;
  let last: unknown = 'nothing';
  while (performance.now() < until) {
    try {
      const found = await look();
      if (found !== null && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await sleep(LOOK_MS);
  }
  throw new Error(`Cannot wait any longer for ${what}: ${patienceMs} ms have passed`, { cause: last });
}
