// One TCP client (RFC 7766): messages with a two-octet length, pipelined, answered in order. What a client can make us
// hold is bounded: one chunk of input, and output up to a mark beyond which nothing more is read.
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { HEADER_OCTETS } from '../dns/query.ts';
import type { Responder } from './responder.ts';
import type { ServerCounters } from './server-counters.ts';

/** Queries with every option there is stay far below; longer ones are not queries to this server. */
export const TCP_QUERY_MAX_OCTETS = 4_096;
/** Unsent output at which reading stops until the client has taken it; the high-water mark of the socket. */
export const OUTPUT_MARK_OCTETS = 64 * 1024;
const LENGTH_OCTETS = 2;

export type TcpConnectionOptions = {
  readonly socket: Socket;
  readonly responder: Responder;
  readonly counters: ServerCounters;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
};

export class TcpConnection {
  readonly #options: TcpConnectionOptions;
  #timer: Timer | null = null;
  #input: Buffer = Buffer.alloc(0);
  #progressAtMs: number;

  constructor(options: TcpConnectionOptions) {
    this.#options = options;
    this.#progressAtMs = options.clock.monotonicMs();
    const { socket } = options;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('drain', () => this.#resume());
    // Resets by the client are no event worth a log line; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#timer?.stop());
    this.#watchIdle(options.idleTimeoutMs);
  }

  /** When the client last completed a message or took output, on the monotonic clock. */
  get progressAtMs(): number {
    return this.#progressAtMs;
  }

  /** Closes for good, whatever is unsent: half-closing would leave silent clients connected for ever. */
  close(): void {
    this.#options.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    this.#answerInput();
  }

  #resume(): void {
    this.#progressAtMs = this.#options.clock.monotonicMs();
    this.#answerInput();
    if (!this.#isFull()) this.#options.socket.resume();
  }

  #isFull(): boolean {
    return this.#options.socket.writableNeedDrain;
  }

  /** Answers whole messages until the input is used up or the output is full. Leftovers wait in #input. */
  #answerInput(): void {
    const { socket, counters } = this.#options;
    let position = 0;
    while (!this.#isFull() && this.#input.length - position >= LENGTH_OCTETS) {
      const length = this.#input.readUInt16BE(position);
      if (length < HEADER_OCTETS || length > TCP_QUERY_MAX_OCTETS) {
        counters.tcp.refused += 1;
        this.close();
        return;
      }
      const start = position + LENGTH_OCTETS;
      if (this.#input.length < start + length) break;
      this.#answerMessage(this.#input.subarray(start, start + length));
      position = start + length;
    }
    this.#input = this.#input.subarray(position);
    if (this.#isFull()) socket.pause();
  }

  #answerMessage(message: Uint8Array): void {
    const { socket, responder, clock } = this.#options;
    this.#progressAtMs = clock.monotonicMs();
    const response = responder.respond(message, 'tcp');
    if (response === null || socket.destroyed) return;
    // One write for length and message (RFC 7766 section 8).
    const framed = Buffer.allocUnsafe(LENGTH_OCTETS + response.length);
    framed.writeUInt16BE(response.length, 0);
    framed.set(response, LENGTH_OCTETS);
    socket.write(framed);
  }

  /** Only progress counts, not octets: a client that sends one octet a second is idle. */
  #watchIdle(waitMs: number): void {
    const { clock, idleTimeoutMs, counters } = this.#options;
    this.#timer = clock.timer(waitMs, () => {
      const idleMs = clock.monotonicMs() - this.#progressAtMs;
      if (idleMs < idleTimeoutMs) {
        this.#watchIdle(idleTimeoutMs - idleMs);
        return;
      }
      counters.tcp.timedOut += 1;
      this.close();
    });
  }
}
