// A listener that others on the network can reach: HTTPS, or plain HTTP on loopback. It bounds what a stranger can make this
// process keep; who may ask for what is decided by whoever answers.
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { OneupError } from '../base/oneup-error.ts';
import type { Endpoint } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import { type ApiResponse, sendResponse } from './answer-request.ts';

/** PEM texts, as in the configuration. */
export type Certificate = { readonly cert: string; readonly key: string };

export type Asked = {
  readonly request: IncomingMessage;
  readonly address: string;
  readonly signal: AbortSignal;
  /** Tells the caller that its request is still waited with: it can tell a long wait from a way that is cut. */
  readonly beat: () => void;
};

export type TlsServerOptions = {
  readonly endpoints: readonly Endpoint[];
  /** null: plain HTTP, which the configuration allows on loopback only. */
  readonly certificate: Certificate | null;
  /** Never rejects. The signal aborts when the caller is gone. */
  readonly answer: (asked: Asked) => Promise<ApiResponse>;
  readonly logger: Logger;
  readonly limits?: Partial<ServerLimits>;
};

export type ServerLimits = {
  readonly connectionsMax: number;
  /** Of one address, so that one machine cannot keep the others out. */
  readonly connectionsPerAddressMax: number;
  /** For the handshake, for the headers, and for a whole request: a slow sender is cut off. */
  readonly receiveMs: number;
  /** A connection on which nothing moves for longer is closed; above the longest wait of a long poll. */
  readonly idleMs: number;
};

const LIMITS: ServerLimits = {
  connectionsMax: 1_024,
  connectionsPerAddressMax: 64,
  receiveMs: 10_000,
  idleMs: 45_000,
};
const HEADERS_MAX_BYTES = 8_192;
const HEADERS_MAX_COUNT = 64;
/** How often node looks for requests that take too long. */
const LOOK_MS = 1_000;

export type RunningServer = AsyncDisposable & {
  readonly endpoints: readonly Endpoint[];
  /** For new connections; those that stand go on. A certificate that cannot be used is an error, and the old one stays. */
  readonly setCertificate: (certificate: Certificate | null) => void;
};

/** Throws ONEUP_LISTEN_FAILED or ONEUP_PORT_IN_USE; then nothing listens. */
export async function startTlsServer(options: TlsServerOptions): Promise<RunningServer> {
  const limits = { ...LIMITS, ...options.limits };
  const perAddress = new Map<string, number>();
  await using stack = new AsyncDisposableStack();
  const servers: Server[] = [];
  const endpoints: Endpoint[] = [];
  for (const endpoint of options.endpoints) {
    const server = create(options, limits);
    server.on('connection', (socket: Socket) => countConnection(perAddress, socket, limits));
    endpoints.push(await listen(server, endpoint));
    stack.defer(() => close(server));
    server.on('error', (error) => options.logger.warn({ err: error }, 'a listener of the API has a fault'));
    servers.push(server);
  }
  const owned = stack.move();
  return {
    endpoints,
    setCertificate: (certificate) => {
      for (const server of servers) if (certificate !== null && isTls(server)) server.setSecureContext(certificate);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function create({ certificate, answer }: TlsServerOptions, limits: ServerLimits): Server {
  const bounds = {
    maxHeaderSize: HEADERS_MAX_BYTES,
    headersTimeout: limits.receiveMs,
    requestTimeout: limits.receiveMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: Math.min(LOOK_MS, limits.receiveMs),
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    void serve(answer, request, response);
  };
  const server = certificate === null ? createPlain(bounds, onRequest) : createSecure(certificate, bounds, limits);
  if (certificate !== null) server.on('request', onRequest);
  server.maxHeadersCount = HEADERS_MAX_COUNT;
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.idleMs;
  server.on('clientError', refuseGarbage);
  return server;
}

function createSecure(certificate: Certificate, bounds: object, limits: ServerLimits): TlsServer {
  try {
    return createTls({
      ...bounds,
      ...certificate,
      minVersion: 'TLSv1.2',
      handshakeTimeout: limits.receiveMs,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OneupError('ONEUP_LISTEN_FAILED', `Cannot use the certificate of cluster.api: ${reason}`, {
      remedy: 'Check cert and key of cluster.api.tls',
    });
  }
}

function isTls(server: Server): server is TlsServer {
  return 'setSecureContext' in server;
}

async function serve(
  answer: TlsServerOptions['answer'],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the caller is gone')));
  // A request that breaks off in the middle of its body must not end the process.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const address = addressOf(request.socket);
  const beat = () => {
    if (!response.destroyed && !response.headersSent) response.writeProcessing();
  };
  const answered = await answer({ request, address, signal: gone.signal, beat });
  // What was not read of a body would be taken for the next request.
  if (!request.complete) response.shouldKeepAlive = false;
  sendResponse(response, answered);
}

/** IPv4 as such also on a socket for both families; of IPv6 the network, since one machine has as many addresses as it likes. */
function addressOf(socket: Socket): string {
  const address = socket.remoteAddress ?? '';
  if (address.startsWith('::ffff:')) return address.slice('::ffff:'.length);
  if (!address.includes(':') || address === '::1') return address;
  return `${address.split(':').slice(0, IPV6_NETWORK_GROUPS).join(':')}::/64`;
}

const IPV6_NETWORK_GROUPS = 4;

function countConnection(counts: Map<string, number>, socket: Socket, limits: ServerLimits): void {
  const address = addressOf(socket);
  const count = (counts.get(address) ?? 0) + 1;
  counts.set(address, count);
  socket.once('close', () => {
    const left = (counts.get(address) ?? 1) - 1;
    if (left <= 0) counts.delete(address);
    else counts.set(address, left);
  });
  if (count > limits.connectionsPerAddressMax) socket.destroy();
}

/** Answers what is no HTTP, or too much or too slow of it, and closes. */
function refuseGarbage(error: Error, socket: Duplex): void {
  const code = 'code' in error ? String(error.code) : '';
  // A handshake that failed leaves nobody to answer to, and an answer would wait for it.
  if (!socket.writable || !(code.startsWith('HPE_') || code === TOO_SLOW)) {
    socket.destroy();
    return;
  }
  const status =
    code === 'HPE_HEADER_OVERFLOW' ? '431 Too large' : code === TOO_SLOW ? '408 Too slow' : '400 Bad request';
  const message = `Cannot read request: ${status.slice(4).toLowerCase()}`;
  const remedy = 'Send one HTTP request with a body of JSON';
  const body = JSON.stringify({ error: { code: 'ONEUP_USAGE', message, remedy } });
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

const TOO_SLOW = 'ERR_HTTP_REQUEST_TIMEOUT';

function listen(server: Server, { host, port }: Endpoint): Promise<Endpoint> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error) => {
      const isTaken = 'code' in cause && cause.code === 'EADDRINUSE';
      const code = isTaken ? 'ONEUP_PORT_IN_USE' : 'ONEUP_LISTEN_FAILED';
      const remedy = isTaken ? { remedy: 'Find the process with ss -lntp, or change api.listen of the prober' } : {};
      reject(
        new OneupError(code, `Cannot listen for agents on ${host} port ${port}: ${cause.message}`, {
          cause,
          ...remedy,
        }),
      );
    };
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
