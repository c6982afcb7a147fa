// JSON over HTTP on a Unix socket: how the CLI, and later the dashboard, speak with a prober. What a route does is in routes.ts.
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { OneupError } from '../base/oneup-error.ts';
import type { Logger } from '../ports/logger.ts';
import {
  type ApiResponse,
  errorResponse,
  findRoute,
  noRoute,
  type Route,
  readBody,
  sendResponse,
} from './answer-request.ts';

export type { ApiRequest, ApiResponse, Route } from './answer-request.ts';

export type ApiServerOptions = {
  readonly socketPath: string;
  readonly routes: readonly Route[];
  readonly logger: Logger;
};

/** A command or a configuration text; longer bodies are refused unread. */
const BODY_MAX_BYTES = 1_100_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 64;
/** Limit of the kernel for the path of a Unix socket (unix(7)), with its terminating zero. */
const SOCKET_PATH_MAX_BYTES = 107;

/**
 * Listens on the socket, readable for the owner only. A socket that a dead process left is replaced; one that answers is
 * ONEUP_PROBER_DUPLICATE.
 */
export async function startApiServer({ socketPath, routes, logger }: ApiServerOptions): Promise<AsyncDisposable> {
  if (Buffer.byteLength(socketPath) > SOCKET_PATH_MAX_BYTES) {
    throw new OneupError(
      'ONEUP_CONFIG_INVALID',
      `Cannot listen on ${socketPath}: longer than ${SOCKET_PATH_MAX_BYTES} bytes`,
      {
        remedy: 'Use a shorter cluster.stateDir',
      },
    );
  }
  if (await answers(socketPath)) {
    throw new OneupError('ONEUP_PROBER_DUPLICATE', `Cannot listen on ${socketPath}: another process answers there`);
  }
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  await rm(socketPath, { force: true });
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void respond(routes, request, logger).then((answer) => sendResponse(response, answer));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, socketPath);
  await chmod(socketPath, 0o600);
  return {
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(socketPath, { force: true });
    },
  };
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new OneupError('ONEUP_LISTEN_FAILED', `Cannot listen on ${socketPath}: ${cause.message}`, { cause }));
    });
    server.listen(socketPath, () => resolve());
  });
}

async function respond(routes: readonly Route[], request: IncomingMessage, logger: Logger): Promise<ApiResponse> {
  try {
    const found = findRoute(routes, request);
    if (found === null) return noRoute(request);
    const body = await readBody(request, { maxBytes: BODY_MAX_BYTES });
    return await found.route.handle({ ...found.request, body });
  } catch (error) {
    return errorResponse(error, logger);
  }
}
