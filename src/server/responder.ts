// The door between sockets and the pure core: message in, octets to send out. A bug behind it must cost one answer and
// not the process, so this is the one place that catches everything.
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { answer } from '../zone/answer.ts';
import { ResponseWriter, type Transport } from '../zone/response-writer.ts';
import type { ServingState } from '../zone/serving-state.ts';
import type { ServerCounters } from './server-counters.ts';

/** A bug met by every query must not fill the disk: one line in this time. */
const FAULT_LOG_INTERVAL_MS = 60_000;

export type ResponderOptions = {
  /** Returns the current frozen state; called once for each message. */
  readonly state: () => ServingState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: ServerCounters;
};

export class Responder {
  readonly #options: ResponderOptions;
  readonly #writer = new ResponseWriter();
  #loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** The response, valid until the next call, or null for silence. Never throws. */
  respond(message: Uint8Array, transport: Transport): Uint8Array | null {
    const { counters, state } = this.#options;
    counters.queries[transport] += 1;
    try {
      const length = answer(message, { state: state(), transport, writer: this.#writer });
      if (length === 0) {
        counters.dropped.silent += 1;
        return null;
      }
      const response = this.#writer.octets.subarray(0, length);
      counters.countResponse(response);
      return response;
    } catch (cause) {
      counters.faults += 1;
      this.#log(cause, message);
      return null;
    }
  }

  #log(cause: unknown, message: Uint8Array): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#loggedAtMs < FAULT_LOG_INTERVAL_MS) return;
    this.#loggedAtMs = nowMs;
    const hex = Buffer.from(message.subarray(0, 512)).toString('hex');
    this.#options.logger.error({ err: cause, message: hex }, 'Cannot answer a DNS message: the code is wrong');
  }
}
