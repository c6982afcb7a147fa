// One way to people with its queue: one delivery at a time, and whatever happens to it stays in this channel and in the log.

import { assertNever } from '../base/assert-never.ts';
import type { Clock } from '../base/clock.ts';
import type { Alerter, AlertMessage, AlertOutcome } from '../ports/alerter.ts';
import type { Logger } from '../ports/logger.ts';
import { AlertQueue, type Delivery, isAtLeast } from './alert-queue.ts';

export type ChannelOptions = {
  readonly alerter: Alerter;
  /** The least level that this channel is told of. */
  readonly minLevel: AlertMessage['level'];
  readonly queueMax: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
};

/** Conditions whose end a channel will be told; more are never open at once in a cluster that can still be run. */
const TOLD_MAX = 1_000;

export class AlertChannel {
  readonly #options: ChannelOptions;
  readonly #queue: AlertQueue;
  readonly #told = new Set<string>();
  #isWorking = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.#queue = new AlertQueue(options.queueMax);
  }

  get name(): string {
    return this.#options.alerter.name;
  }

  send(message: AlertMessage): void {
    if (!this.#concerns(message)) return;
    const dropped = this.#queue.add(message);
    if (dropped !== null) this.#logDrop(dropped);
    this.#start();
  }

  /** Resolves with what became of it; waits for one delivery at most. */
  test(message: AlertMessage): Promise<AlertOutcome> {
    return new Promise((resolve) => {
      const isWaiting = this.#queue.addTest(message, resolve);
      if (isWaiting) this.#start();
      else resolve({ kind: 'failed', reason: 'Cannot test: another test of this channel is waiting' });
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#isWorking) await this.#work;
  }

  /** Gives up what waits, and says so. */
  drop(): void {
    for (let delivery = this.#queue.next(); delivery !== null; delivery = this.#queue.next()) {
      this.#logDrop(delivery.message);
      delivery.done?.({ kind: 'failed', reason: 'Cannot test: oneup ends' });
    }
  }

  #concerns({ id, level, state }: AlertMessage): boolean {
    const { minLevel } = this.#options;
    switch (state) {
      case 'open':
        if (isAtLeast(level, minLevel)) this.#remember(id);
        return isAtLeast(level, minLevel);
      case 'resolved': {
        // Good news is of a low level, but whoever was woken by the bad ones waits for it.
        const wasTold = this.#told.delete(id);
        return wasTold || isAtLeast(level, minLevel);
      }
      case 'event':
      case 'test':
        return isAtLeast(level, minLevel);
      default:
        return assertNever(state);
    }
  }

  #remember(id: string): void {
    this.#told.add(id);
    const [oldest] = this.#told;
    if (this.#told.size > TOLD_MAX && oldest !== undefined) this.#told.delete(oldest);
  }

  #start(): void {
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#work = this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    for (let delivery = this.#queue.next(); delivery !== null; delivery = this.#queue.next()) {
      const outcome = await this.#deliver(delivery);
      delivery.done?.(outcome);
    }
    // In the same turn in which the queue was found empty, or what came in between would wait for ever.
    this.#isWorking = false;
  }

  async #deliver({ message }: Delivery): Promise<AlertOutcome> {
    const { alerter, clock, logger, signal } = this.#options;
    const beganMonoMs = clock.monotonicMs();
    const outcome = await settled(() => alerter.send(message, { signal }));
    const data = { channel: this.name, alertId: message.id, durationMs: Math.round(clock.monotonicMs() - beganMonoMs) };
    if (outcome.kind === 'sent') logger.debug(data, 'alert is delivered');
    else logger.warn({ ...data, reason: outcome.reason }, 'alert is not delivered');
    return outcome;
  }

  #logDrop({ id, level, state }: AlertMessage): void {
    const data = { channel: this.name, alertId: id, level, state };
    this.#options.logger.warn(data, 'alert is dropped before it could be delivered');
  }
}

/** An alerter that breaks its promise loses one alert, and not all that come after it. Its message may hold anything. */
async function settled(send: () => Promise<AlertOutcome>): Promise<AlertOutcome> {
  try {
    return await send();
  } catch (error) {
    return { kind: 'failed', reason: `Cannot deliver: ${error instanceof Error ? error.name : 'unknown error'}` };
  }
}
