// Accepts TCP clients and keeps their number within bounds: when all places are taken, the one that has been idle for
// longest goes. Refusing the new one instead would let a few silent clients lock everybody out.
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Endpoint } from '../config/config.ts';
import { listenFailure } from './listen-failure.ts';
import type { Responder } from './responder.ts';
import type { ServerCounters } from './server-counters.ts';
import { OUTPUT_MARK_OCTETS, TcpConnection } from './tcp-connection.ts';

/** Clients waiting in the kernel to be accepted. */
const BACKLOG = 511;

export type TcpListenerOptions = {
  readonly endpoint: Endpoint;
  readonly responder: Responder;
  readonly counters: ServerCounters;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly connectionsMax: number;
  readonly onError: (error: Error) => void;
};

export type TcpListener = AsyncDisposable & { readonly port: number };

/** Opens the listener. Throws OneupError (ONEUP_PORT_IN_USE, ONEUP_LISTEN_FAILED) when the endpoint cannot be had. */
export async function listenTcp(options: TcpListenerOptions): Promise<TcpListener> {
  const connections = new Set<TcpConnection>();
  const server = createServer({ noDelay: true, highWaterMark: OUTPUT_MARK_OCTETS }, (socket) => {
    accept(socket, connections, options);
  });
  await listen(server, options.endpoint);
  server.on('error', options.onError);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('Cannot read the port of a TCP listener');
  return { port: address.port, [Symbol.asyncDispose]: () => close(server, connections) };
}

function accept(socket: Socket, connections: Set<TcpConnection>, options: TcpListenerOptions): void {
  const { counters, connectionsMax } = options;
  counters.tcp.accepted += 1;
  counters.tcp.open += 1;
  if (connections.size >= connectionsMax) evictIdlest(connections, counters);
  const connection = new TcpConnection({ ...options, socket });
  connections.add(connection);
  socket.once('close', () => {
    counters.tcp.open -= 1;
    connections.delete(connection);
  });
}

function evictIdlest(connections: Set<TcpConnection>, counters: ServerCounters): void {
  let idlest: TcpConnection | null = null;
  for (const connection of connections) {
    if (idlest === null || connection.progressAtMs < idlest.progressAtMs) idlest = connection;
  }
  if (idlest === null) return;
  counters.tcp.evicted += 1;
  connections.delete(idlest);
  idlest.close();
}

function listen(server: Server, endpoint: Endpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(listenFailure(cause, endpoint, 'tcp'));
    server.once('error', fail);
    const { host, port } = endpoint;
    server.listen({ host, port, backlog: BACKLOG, exclusive: true, ipv6Only: isIPv6(host) }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

function close(server: Server, connections: ReadonlySet<TcpConnection>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const connection of connections) connection.close();
  });
}
