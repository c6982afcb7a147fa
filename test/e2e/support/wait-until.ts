// Waiting for real processes: look again and again until something is there, within a deadline that a slow machine can keep.
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;
/** A start of three programs takes a second, and half a minute beside other work; only what never comes costs all of it. */
const PATIENCE_MS = 60_000;

const witnesses = new Set<() => Promise<string>>();

/** While it is not disposed, what `report` tells is printed when a wait is given up: what was waited for is gone soon after. */
export function tellWhenGivenUp(report: () => Promise<string>): Disposable {
  witnesses.add(report);
  return { [Symbol.dispose]: () => witnesses.delete(report) };
}

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
  for (const report of witnesses) process.stderr.write(`${await report()}\n`);
  throw new Error(`Cannot wait any longer for ${what}: ${patienceMs} ms have passed`, { cause: last });
}
