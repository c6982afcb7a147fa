// The line to an ensemble: one connection at a time, to the next server when one fails, with a pause that grows while they
// all do. Whoever needs the line waits for it as long as its own signal allows.
import { randomInt } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { memberName } from '../ask-members.ts';
import { type Endpoint, nameOf, openSocket, type TlsOptions } from './open-socket.ts';
import { untilAborted } from './until-aborted.ts';
import { ZookeeperConnection } from './zookeeper-connection.ts';

const PAUSE_MIN_MS = 20;
const PAUSE_MAX_MS = 500;
/** A connection that lived shorter counts as a failure, so that a server which drops everybody is not stormed. */
const LIVED_MS = 2_000;
const OPENINGS_PER_CALL = 3;

export type LineOptions = {
  readonly endpoints: readonly Endpoint[];
  readonly tls: TlsOptions | null;
  readonly identity: { readonly username: string; readonly password: string } | null;
  readonly clock: Clock;
  readonly silenceMaxMs: number;
  /** Looks whether the right store is behind a new connection; what it throws ends the connection. */
  readonly greet: (connection: ZookeeperConnection) => Promise<void>;
  /** Something may have changed: an event at this path, or null after the loss of a connection. */
  readonly onHint: (path: string | null) => void;
};

export class ZookeeperLine {
  readonly #on: LineOptions;
  readonly #closing = new AbortController();
  #current: ZookeeperConnection | null = null;
  #attempt: Promise<ZookeeperConnection> | null = null;
  #next = 0;
  #failures = 0;

  constructor(options: LineOptions) {
    this.#on = options;
  }

  /** The connection in use, or a new one. Throws OneupError when no server can be used; nothing was sent then. */
  async connection(signal: AbortSignal): Promise<ZookeeperConnection> {
    for (let tried = 1; ; tried += 1) {
      this.#closing.signal.throwIfAborted();
      signal.throwIfAborted();
      if (this.#current !== null) return this.#current;
      this.#attempt ??= this.#connect().finally(() => {
        this.#attempt = null;
      });
      try {
        return await untilAborted(this.#attempt, signal);
      } catch (error) {
        if (tried >= this.#on.endpoints.length || signal.aborted) throw error;
      }
    }
  }

  /** The server of the connection in use. */
  inUse(): string | null {
    const { endpoints } = this.#on;
    return this.#current === null ? null : memberName(endpoints[this.#next % endpoints.length] as Endpoint);
  }

  close(): void {
    this.#closing.abort(closed());
    this.#current?.close();
    this.#current = null;
  }

  async #connect(): Promise<ZookeeperConnection> {
    const { endpoints, clock } = this.#on;
    const { signal } = this.#closing;
    if (this.#failures > 0) await clock.sleep(pauseMs(this.#failures), { signal });
    const endpoint = endpoints[this.#next % endpoints.length] as Endpoint;
    const beganMonoMs = clock.monotonicMs();
    try {
      const connection = await this.#openTo(endpoint);
      this.#current = connection;
      void connection.ended.then(() => this.#lost(connection, beganMonoMs));
      return connection;
    } catch (error) {
      this.#next = (this.#next + 1) % endpoints.length;
      this.#failures += 1;
      throw error;
    }
  }

  async #openTo(endpoint: Endpoint): Promise<ZookeeperConnection> {
    const { tls, clock, silenceMaxMs, identity, greet, onHint } = this.#on;
    const { signal } = this.#closing;
    // A part of the patience of a call: when one server is silent, the next can still answer in time.
    const openingMaxMs = Math.ceil(silenceMaxMs / Math.min(OPENINGS_PER_CALL, this.#on.endpoints.length));
    const socket = await openSocket({ endpoint, tls, clock, timeoutMs: openingMaxMs, signal });
    const name = nameOf(endpoint);
    const limits = { clock, silenceMaxMs, openingMaxMs };
    const connection = new ZookeeperConnection({ socket, name, identity, ...limits, onEvent: onHint });
    const stop = (): void => connection.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await connection.opened();
      await greet(connection);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #lost(connection: ZookeeperConnection, beganMonoMs: number): void {
    if (this.#current !== connection) return;
    const { clock, endpoints, onHint } = this.#on;
    this.#current = null;
    this.#next = (this.#next + 1) % endpoints.length;
    this.#failures = clock.monotonicMs() - beganMonoMs >= LIVED_MS ? 0 : this.#failures + 1;
    onHint(null);
  }
}

function pauseMs(failures: number): number {
  const longest = Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** Math.min(failures, 10));
  return randomInt(PAUSE_MIN_MS, longest + 1);
}

function closed(): OneupError {
  return new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use the ZooKeeper store: this process has closed it');
}
