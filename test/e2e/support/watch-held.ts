// Every change of what the zone of a story holds, with the time at which it was seen and the time at which it was not yet there.
import { setTimeout as sleep } from 'node:timers/promises';
import type { StoryPlace } from './story-place.ts';

/** It happened between `notYetWallMs` and `wallMs`. */
export type SeenAnswer = {
  readonly address: string;
  readonly ttl: number;
  readonly notYetWallMs: number;
  readonly wallMs: number;
};

const LOOK_MS = 40;

export type HeldWatch = {
  readonly last: () => SeenAnswer | null;
  readonly stop: () => Promise<readonly SeenAnswer[]>;
};

export function watchHeld(place: StoryPlace): HeldWatch {
  const seen: SeenAnswer[] = [];
  let isWatching = true;
  let notYetWallMs = Date.now();
  const look = async (): Promise<void> => {
    const askedWallMs = Date.now();
    const { address, ttl } = await place.held();
    const last = seen.at(-1);
    if (last?.address !== address || last.ttl !== ttl) seen.push({ address, ttl, notYetWallMs, wallMs: Date.now() });
    notYetWallMs = askedWallMs;
  };
  const watched = (async () => {
    while (isWatching) {
      // A server that is asked while it is silent shows nothing.
      await look().catch(() => undefined);
      await sleep(LOOK_MS);
    }
  })();
  const stop = async (): Promise<readonly SeenAnswer[]> => {
    isWatching = false;
    await watched;
    return seen;
  };
  return { last: () => seen.at(-1) ?? null, stop };
}
