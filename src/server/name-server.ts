// The authoritative name server: UDP and TCP on every endpoint, all answering from one state that is swapped as a whole.
// It decides nothing about zones; it owns sockets and their bounds.
import type { Clock } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Endpoint } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import type { ServingState } from '../zone/serving-state.ts';
import { Responder } from './responder.ts';
import { ServerCounters, type ServerCounts } from './server-counters.ts';
import { listenTcp, type TcpListener } from './tcp-listener.ts';
import { listenUdp, type UdpListener } from './udp-listener.ts';

export type NameServerOptions = {
  /** Port 0 takes a free port, the same for UDP and TCP. */
  readonly endpoints: readonly Endpoint[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns the current frozen state; called once for each query, so a swap is atomic. Must not throw or wait. */
  readonly state: () => ServingState;
  readonly limits?: Partial<NameServerLimits>;
};

export type NameServerLimits = {
  /** TCP clients of one endpoint at a time [256]. */
  readonly tcpConnectionsMax: number;
  /** A TCP client without a complete message for this long is closed [10s], as RFC 7766 section 6.2.3 suggests. */
  readonly tcpIdleTimeoutMs: number;
};

export type NameServer = AsyncDisposable & {
  /** Where it listens, with real ports. */
  readonly endpoints: readonly Endpoint[];
  readonly counts: () => ServerCounts;
};

const DEFAULT_LIMITS: NameServerLimits = { tcpConnectionsMax: 256, tcpIdleTimeoutMs: 10_000 };
/** A free TCP port whose UDP twin is taken is rare; several in a row mean that something else is wrong. */
const FREE_PORT_ATTEMPTS_MAX = 8;

type Listeners = { readonly tcp: TcpListener; readonly udp: UdpListener };

/**
 * Opens all endpoints, or none. Throws OneupError ONEUP_PORT_IN_USE or ONEUP_LISTEN_FAILED naming the endpoint. Once it
 * runs, no message and no socket error ends it; disposing closes every socket and connection.
 */
export async function startNameServer(options: NameServerOptions): Promise<NameServer> {
  const counters = new ServerCounters();
  const responder = new Responder({ ...options, counters });
  const open = async (endpoint: Endpoint): Promise<Listeners> =>
    openBoth({ ...options, endpoint, responder, counters });
  await using stack = new AsyncDisposableStack();
  const endpoints: Endpoint[] = [];
  for (const endpoint of options.endpoints) {
    const { tcp, udp } = await (endpoint.port === 0 ? openFree(endpoint, open) : open(endpoint));
    stack.use(tcp);
    stack.use(udp);
    endpoints.push(Object.freeze({ host: endpoint.host, port: udp.port }));
  }
  const opened = stack.move();
  return {
    endpoints: Object.freeze(endpoints),
    counts: () => counters.read(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type OpenOptions = NameServerOptions & {
  readonly endpoint: Endpoint;
  readonly responder: Responder;
  readonly counters: ServerCounters;
};

/** TCP first: where the port is free to choose, TCP chooses and UDP follows. */
async function openBoth(options: OpenOptions): Promise<Listeners> {
  const { endpoint, logger, responder, counters, clock } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const onError = (error: Error): void => logger.warn({ err: error, endpoint }, 'A DNS socket reported an error');
  const shared = { responder, counters, clock, onError };
  await using stack = new AsyncDisposableStack();
  const tcp = stack.use(
    await listenTcp({
      ...shared,
      endpoint,
      idleTimeoutMs: limits.tcpIdleTimeoutMs,
      connectionsMax: limits.tcpConnectionsMax,
    }),
  );
  const udp = await listenUdp({ ...shared, endpoint: { host: endpoint.host, port: tcp.port } });
  stack.move();
  return { tcp, udp };
}

async function openFree(endpoint: Endpoint, open: (endpoint: Endpoint) => Promise<Listeners>): Promise<Listeners> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(endpoint);
    } catch (error) {
      const isTaken = error instanceof OneupError && error.code === 'ONEUP_PORT_IN_USE';
      if (!isTaken || attempt >= FREE_PORT_ATTEMPTS_MAX) throw error;
    }
  }
}
