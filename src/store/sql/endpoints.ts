// Finds the server to talk to: the endpoints in order, beginning with the one that worked last, each for a bounded time, so
// that a silent one does not use up the time of the others.
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { memberName } from '../ask-members.ts';
import { SqlFailure } from './sql-failure.ts';
import type { SqlLink } from './sql-link.ts';
import type { SqlEndpoint } from './sql-store-options.ts';

export type EndpointsOptions = {
  readonly kind: string;
  readonly endpoints: readonly SqlEndpoint[];
  readonly clock: Clock;
  /** Rejects when the server cannot serve, or the signal aborts; leaves nothing behind then. */
  readonly connect: (endpoint: SqlEndpoint, limits: LinkLimits) => Promise<SqlLink>;
};

export type LinkLimits = {
  /** How long the server may take for one statement, milliseconds. */
  readonly statementTimeoutMs: number;
  readonly signal: AbortSignal;
};

/** `attemptMs`: longest time for one endpoint, milliseconds. */
export type ConnectLimits = LinkLimits & { readonly attemptMs: number };

export class Endpoints {
  readonly #on: EndpointsOptions;
  #first = 0;
  #used: SqlEndpoint | null = null;

  constructor(options: EndpointsOptions) {
    if (options.endpoints.length === 0) throw new RangeError(`Cannot open ${options.kind} store: no endpoint is given`);
    this.#on = options;
  }

  /** Throws OneupError when no endpoint serves, or the signal's reason when it aborts. */
  async connect(limits: ConnectLimits): Promise<SqlLink> {
    const { endpoints } = this.#on;
    const faults: OneupError[] = [];
    const first = this.#first;
    for (let tried = 0; tried < endpoints.length; tried++) {
      const index = (first + tried) % endpoints.length;
      // The next call begins behind an endpoint that uses up the time of this one.
      this.#first = (index + 1) % endpoints.length;
      try {
        const link = await this.#attempt(endpoints[index] as SqlEndpoint, limits);
        this.#first = index;
        this.#used = endpoints[index] ?? null;
        return link;
      } catch (error) {
        limits.signal.throwIfAborted();
        const fault = error instanceof SqlFailure ? error.fault : error;
        if (!(fault instanceof OneupError)) throw fault;
        faults.push(fault);
      }
    }
    throw combine(faults);
  }

  /** The server of the newest connection. */
  inUse(): string | null {
    return this.#used === null ? null : memberName(this.#used);
  }

  async #attempt(endpoint: SqlEndpoint, limits: ConnectLimits): Promise<SqlLink> {
    const { kind, clock, connect } = this.#on;
    const { attemptMs, statementTimeoutMs, signal } = limits;
    const deadline = new AbortController();
    const late = () =>
      deadline.abort(
        new OneupError(
          'ONEUP_STORE_UNREACHABLE',
          `Cannot reach the ${kind} store: no answer within ${attemptMs} ms, value was ${endpoint.host}:${endpoint.port}`,
        ),
      );
    const timer = clock.timer(attemptMs, late);
    try {
      return await connect(endpoint, { statementTimeoutMs, signal: AbortSignal.any([signal, deadline.signal]) });
    } finally {
      timer.stop();
    }
  }
}

/** A server that answers with a refusal says more than one that does not answer. */
function combine(faults: readonly OneupError[]): OneupError {
  const worst = faults.find(({ code }) => code !== 'ONEUP_STORE_UNREACHABLE') ?? (faults[0] as OneupError);
  if (faults.length === 1) return worst;
  const message = faults.map(({ message }) => message).join('; ');
  return new OneupError(worst.code, message, { cause: worst, remedy: worst.remedy });
}
