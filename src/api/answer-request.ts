// What every listener of the API does with a request: find its route, read its body within a bound, and turn whatever goes
// wrong into an error that a client understands.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Logger } from '../ports/logger.ts';

export type ApiRequest = {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The same for every attempt of one request, so that it is done once (draft-ietf-httpapi-idempotency-key-header), or null. */
  readonly idempotencyKey: string | null;
};

/** `status` is an HTTP status; the body is JSON. */
export type ApiResponse = { readonly status: number; readonly body: unknown };

export type Route<Request extends ApiRequest = ApiRequest> = {
  readonly method: 'GET' | 'POST';
  /** Path with `:name` for a parameter, such as `/v1/services/:service/why`. */
  readonly path: string;
  readonly handle: (request: Request) => Promise<ApiResponse> | ApiResponse;
};

export type FoundRoute<R> = { readonly route: R; readonly request: Omit<ApiRequest, 'body'> };

export function findRoute<R extends Pick<Route, 'method' | 'path'>>(
  routes: readonly R[],
  request: IncomingMessage,
): FoundRoute<R> | null {
  const text = request.url ?? '/';
  const url = URL.canParse(text, 'http://oneup') ? new URL(text, 'http://oneup') : null;
  if (url === null) return null;
  for (const route of routes) {
    const params = route.method === request.method ? matchPath(route.path, url.pathname) : null;
    if (params === null) continue;
    return { route, request: { params, query: url.searchParams, idempotencyKey: readIdempotencyKey(request) } };
  }
  return null;
}

/** Node joins repeated headers with a comma; what is too long for a key is none. */
function readIdempotencyKey({ headers }: IncomingMessage): string | null {
  const text = headers['idempotency-key'];
  return typeof text === 'string' && text.length <= IDEMPOTENCY_KEY_MAX ? text : null;
}

const IDEMPOTENCY_KEY_MAX = 200;

export function noRoute(request: IncomingMessage): ApiResponse {
  // Everything after the path may hold what somebody typed by mistake.
  const path = (request.url ?? '/').split('?')[0]?.slice(0, PATH_SHOWN_MAX);
  const remedy = 'See docs/agent.md and the command line for what a prober answers';
  return { status: 404, body: { error: { code: 'ONEUP_USAGE', message: `No route ${path}`, remedy } } };
}

const PATH_SHOWN_MAX = 200;

/** null for a request without a body. Throws ONEUP_USAGE for one that is too long or no JSON. */
export async function readBody(
  request: IncomingMessage,
  { maxBytes }: { readonly maxBytes: number },
): Promise<unknown> {
  if (request.method !== 'POST') return null;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLong(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLong(maxBytes);
    chunks.push(chunk);
  }
  try {
    return size === 0 ? null : JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (cause) {
    throw new OneupError('ONEUP_USAGE', 'Cannot read request: the body is not JSON', { cause });
  }
}

function tooLong(maxBytes: number): OneupError {
  return new OneupError('ONEUP_USAGE', `Cannot read request: longer than ${maxBytes} bytes`);
}

/** A fault as every client sees it: code, message, remedy, and the exit code of the CLI; never a stack. */
export function errorResponse(error: unknown, logger: Logger): ApiResponse {
  if (error instanceof OneupError) {
    const { code, message, remedy } = error;
    const { exitCode } = ERROR_CATALOGUE[code];
    const status = exitCode === 1 ? 400 : code === 'ONEUP_AGENT_DENIED' ? 403 : 503;
    return { status, body: { error: { code, message, remedy, exitCode } } };
  }
  logger.error({ err: error }, 'a request failed');
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: 500,
    body: { error: { code: 'ONEUP_INTERNAL', message, remedy: 'See the log of the prober', exitCode: 1 } },
  };
}

export function sendResponse(response: ServerResponse, { status, body }: ApiResponse): void {
  if (response.destroyed || response.headersSent) return;
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length });
  response.end(text);
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) {
      const text = decodePart(value);
      if (text === null) return null;
      params[part.slice(1)] = text;
    } else if (part !== value) return null;
  }
  return params;
}

function decodePart(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded UTF-8: no route has such a name.
    return null;
  }
}
