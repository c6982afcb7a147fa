// JSON over HTTP on a Unix socket: how the CLI, and later the dashboard, speak with a prober. It knows requests, bounds and
// errors; what a route does is in routes.ts.
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Logger } from '../ports/logger.ts';

export type ApiRequest = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

/** `status` is an HTTP status; the body is JSON. */
export type ApiResponse = { readonly status: number; readonly body: unknown };

export type Route = {
  readonly method: 'GET' | 'POST';
  /** Path with `:name` for a parameter, such as `/v1/services/:service/why`. */
  readonly path: string;
  readonly handle: (request: ApiRequest) => Promise<ApiResponse> | ApiResponse;
};

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
    void respond(routes, request, logger).then((answer) => send(response, answer));
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
    const url = new URL(request.url ?? '/', 'http://oneup');
    const found = findRoute(routes, request.method ?? '', url.pathname);
    if (found === null)
      return { status: 404, body: { error: { code: 'ONEUP_USAGE', message: `No route ${url.pathname}` } } };
    const body = request.method === 'POST' ? await readBody(request) : null;
    return await found.route.handle({ params: found.params, query: url.searchParams, body });
  } catch (error) {
    return errorResponse(error, logger);
  }
}

/** A fault as every client sees it: code, message, remedy, and the exit code of the CLI. */
function errorResponse(error: unknown, logger: Logger): ApiResponse {
  if (error instanceof OneupError) {
    const { code, message, remedy } = error;
    const { exitCode } = ERROR_CATALOGUE[code];
    return { status: exitCode === 1 ? 400 : 503, body: { error: { code, message, remedy, exitCode } } };
  }
  logger.error({ err: error }, 'a request failed');
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: 500,
    body: { error: { code: 'ONEUP_INTERNAL', message, remedy: 'See the log of the prober', exitCode: 1 } },
  };
}

function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { readonly route: Route; readonly params: Record<string, string> } | null {
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, path) : null;
    if (params !== null) return { route, params };
  }
  return null;
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return null;
  }
  return params;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_MAX_BYTES)
      throw new OneupError('ONEUP_USAGE', `Cannot read request: longer than ${BODY_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return size === 0 ? null : JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new OneupError('ONEUP_USAGE', 'Cannot read request: the body is not JSON', { cause });
  }
}

function send(response: ServerResponse, { status, body }: ApiResponse): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
