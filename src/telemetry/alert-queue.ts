// The deliveries that wait for one channel: bounded, newest state of a condition only, the least pressing dropped first.
import type { AlertMessage, AlertOutcome } from '../ports/alerter.ts';

export type Delivery = {
  readonly message: AlertMessage;
  /** Whoever waits for the outcome: a test does, an alert has nobody. */
  readonly done: ((outcome: AlertOutcome) => void) | null;
};

const RANK: Readonly<Record<AlertMessage['level'], number>> = { info: 0, warning: 1, critical: 2 };

export function isAtLeast(level: AlertMessage['level'], minLevel: AlertMessage['level']): boolean {
  return RANK[level] >= RANK[minLevel];
}

export class AlertQueue {
  readonly #max: number;
  #waiting: readonly Delivery[] = [];

  /** `max` is at least 1. */
  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Appends an alert and returns what had to go for it, if anything; that may be the new one. */
  add(message: AlertMessage): AlertMessage | null {
    const delivery: Delivery = { message, done: null };
    const older = this.#waiting.findIndex((waiting) => isOlderTelling(waiting.message, message));
    if (older >= 0) {
      this.#waiting = this.#waiting.with(older, delivery);
      return null;
    }
    this.#waiting = [...this.#waiting, delivery];
    return this.#waiting.filter(({ done }) => done === null).length > this.#max ? this.#dropOne() : null;
  }

  /** Puts a test before all alerts; false when one waits already, which bounds what stands outside the limit. */
  addTest(message: AlertMessage, done: (outcome: AlertOutcome) => void): boolean {
    if (this.#waiting.some((waiting) => waiting.done !== null)) return false;
    this.#waiting = [{ message, done }, ...this.#waiting];
    return true;
  }

  next(): Delivery | null {
    const [first, ...rest] = this.#waiting;
    this.#waiting = rest;
    return first ?? null;
  }

  /** Of the lowest level that waits, the oldest. */
  #dropOne(): AlertMessage | null {
    const alerts = this.#waiting.filter(({ done }) => done === null);
    const lowest = Math.min(...alerts.map(({ message }) => RANK[message.level]));
    const victim = alerts.find(({ message }) => RANK[message.level] === lowest);
    this.#waiting = this.#waiting.filter((waiting) => waiting !== victim);
    return victim?.message ?? null;
  }
}

/** While a channel is slow, repetitions of one condition would push everything else out. */
function isOlderTelling(waiting: AlertMessage, message: AlertMessage): boolean {
  return waiting.id === message.id && waiting.state === 'open' && message.state === 'open';
}
