// Writes to the watchdog device as long as the keeper does what it promised. Once a service has outlived its deadline by more
// than the kill time, or the keeper itself stands still, nothing is written any more and the device resets the machine (S16).
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';

export type Watchdog = { readonly close: () => Promise<void> };

export type WatchdogOptions = {
  readonly clock: Clock;
  readonly path: string;
  /** How long a service has run on past its deadline. */
  readonly lateMs: () => number;
  readonly log: (data: object, message: string) => void;
};

const WRITE_MS = 1_000;
/** A kill takes effect within milliseconds; what is not gone by then hangs in the kernel, and only a reset ends it. */
const LATE_MAX_MS = 1_000;
/** What the drivers of Linux take for an orderly end; without it the closed device resets the machine. */
const ORDERLY_END = 'V';

/** Rejects with ONEUP_AGENT_KEEPER when the device cannot be opened. It is armed from then on. */
export async function openWatchdog({ clock, path, lateMs, log }: WatchdogOptions): Promise<Watchdog> {
  const device = await open(path, constants.O_WRONLY).catch((cause: Error) => {
    throw new OneupError('ONEUP_AGENT_KEEPER', `Cannot open the watchdog: ${cause.message}, value was ${path}`, {
      cause,
    });
  });
  const state = { isWriting: false, isSilent: false, isClosed: false };

  async function write(text: string): Promise<void> {
    state.isWriting = true;
    await device.write(text).catch((error: unknown) => log({ reason: String(error) }, 'watchdog cannot be written'));
    state.isWriting = false;
  }

  function beat(): void {
    if (state.isClosed || state.isSilent) return;
    // For good: a service that was late once has already broken what its lease promised.
    state.isSilent = lateMs() >= LATE_MAX_MS;
    if (state.isSilent) return log({ lateMs: lateMs() }, 'watchdog is left to reset the machine');
    if (!state.isWriting) void write('\0');
    clock.timer(WRITE_MS, beat);
  }

  beat();
  return {
    close: async () => {
      state.isClosed = true;
      if (!state.isSilent) await write(ORDERLY_END);
      await device.close();
    },
  };
}
