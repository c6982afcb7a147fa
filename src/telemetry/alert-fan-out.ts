// From one alert to all channels that want it. A channel that hangs or fails delays nobody else, least of all the controller.
import type { Clock } from '../base/clock.ts';
import type { Alerter, AlertMessage, AlertOutcome } from '../ports/alerter.ts';
import type { Logger } from '../ports/logger.ts';
import { AlertChannel } from './alert-channel.ts';

export type AlertFanOut = {
  /** Returns at once; what becomes of it is in the log. */
  readonly send: (message: AlertMessage) => void;
  /** Goes to every channel, whatever its level; the outcome of each by its name. */
  readonly test: (message: AlertMessage) => Promise<Readonly<Record<string, AlertOutcome>>>;
  /** Takes no more, gives what waits a moment, then ends it. Safe to repeat; never rejects. */
  readonly close: () => Promise<void>;
};

export type AlertFanOutOptions = {
  readonly alerters: readonly { readonly alerter: Alerter; readonly minLevel: AlertMessage['level'] }[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Alerts that may wait in one channel, at least 1. */
  readonly queueMax: number;
};

/** What an orderly end leaves for the last alerts: one good delivery each, not the time limits of bad ones. */
const CLOSE_GRACE_MS = 2_000;

export function createAlertFanOut({ alerters, clock, logger, queueMax }: AlertFanOutOptions): AlertFanOut {
  const end = new AbortController();
  const channels = alerters.map((entry) => new AlertChannel({ ...entry, queueMax, clock, logger, signal: end.signal }));
  let closing: Promise<void> | null = null;

  const close = async (): Promise<void> => {
    const timer = clock.timer(CLOSE_GRACE_MS, () => {
      for (const channel of channels) channel.drop();
      end.abort();
    });
    await Promise.all(channels.map((channel) => channel.idle()));
    timer.stop();
  };
  return {
    send: (message) => {
      if (closing !== null) return logger.warn({ alertId: message.id }, 'alert comes after the end and is dropped');
      for (const channel of channels) channel.send(message);
    },
    test: async (message) => {
      const outcomes = channels.map(async (channel) => {
        const outcome: AlertOutcome =
          closing === null ? await channel.test(message) : { kind: 'failed', reason: 'Cannot test: oneup ends' };
        return [channel.name, outcome] as const;
      });
      return Object.fromEntries(await Promise.all(outcomes));
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
