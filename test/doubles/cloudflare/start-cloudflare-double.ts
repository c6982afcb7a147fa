// The Cloudflare v4 DNS API as a service on loopback: stateful, strict about what it is sent, and faulty on request. Driven by
// the vendor's own SDK and by plain HTTP; README.md says where it differs from the real service.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from './api-error.ts';
import { DoubleAccess, type TokenGrant } from './double-access.ts';
import { DoubleFaults, type Fault, type HeldOutcome } from './double-faults.ts';
import { DoubleZone, type ZoneOptions } from './double-zone.ts';
import { BASE_PATH, type Call, type Reply, type Routes, route } from './routes.ts';

/** `isDone` is true once the request has changed or shown what it asked for, whether or not the answer arrived. */
export type SeenRequest = { readonly method: string; readonly path: string; readonly body: string; isDone: boolean };

export type CloudflareDouble = AsyncDisposable & {
  readonly baseUrl: string;
  /** Every request that came in, in its order. */
  readonly seen: readonly SeenRequest[];
  readonly zone: (id: string) => DoubleZone;
  readonly grant: (token: string, grant?: Partial<TokenGrant>) => void;
  readonly fail: (fault: Fault) => void;
  readonly heal: () => void;
  /** Does the requests that a fault held back, and tells what became of each. */
  readonly releaseHeld: () => readonly HeldOutcome[];
};

export type CloudflareDoubleOptions = {
  readonly zones: readonly ZoneOptions[];
  /** For the limit of requests; time stands still when absent. */
  readonly nowMs?: () => number;
};

const EDITOR: TokenGrant = { zones: 'all', permissions: ['zone:read', 'dns:edit'], status: 'active' };
const BODY_MAX_OCTETS = 10_000_000;

export async function startCloudflareDouble({
  zones,
  nowMs = () => 0,
}: CloudflareDoubleOptions): Promise<CloudflareDouble> {
  const routes: Routes = {
    access: new DoubleAccess(nowMs),
    zones: new Map(zones.map((options) => [options.id, new DoubleZone(options)])),
  };
  const faults = new DoubleFaults();
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const serve = (call: Call) => {
      const { method, url, body } = call;
      const request: SeenRequest = { method, path: url.pathname + url.search, body, isDone: false };
      seen.push(request);
      answer(call, response, { routes, faults, request });
    };
    // A client may give up in the middle of its request: then nothing was asked.
    void receive(request).then(serve, () => response.destroy());
  });
  const port = await listen(server);
  return {
    baseUrl: `http://127.0.0.1:${port}${BASE_PATH}`,
    seen,
    zone: (id) => {
      const zone = routes.zones.get(id);
      if (zone === undefined) throw new RangeError(`Cannot look into zone ${id}: the double has no such zone`);
      return zone;
    },
    grant: (token, grant = {}) => routes.access.grant(token, { ...EDITOR, ...grant }),
    fail: (fault) => faults.add(fault),
    heal: () => faults.clear(),
    releaseHeld: () => faults.release(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function receive(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request) {
    octets += (chunk as Buffer).length;
    if (octets > BODY_MAX_OCTETS) break;
    chunks.push(chunk as Buffer);
  }
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'http://127.0.0.1'),
    authorization: request.headers.authorization,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

type Wiring = { readonly routes: Routes; readonly faults: DoubleFaults; readonly request: SeenRequest };

function answer(call: Call, response: ServerResponse, { routes, faults, request }: Wiring): void {
  const token = call.authorization?.replace(/^Bearer /, '') ?? null;
  const fault = faults.take({ method: call.method, path: call.url.pathname, token });
  const performed = (work: () => Reply): Reply | ApiError => {
    const outcome = outcomeOf(work);
    request.isDone = !(outcome instanceof ApiError);
    return outcome;
  };
  const perform = () => performed(() => route(call, routes));
  switch (fault?.kind) {
    case undefined:
      return send(response, perform());
    case 'hang':
      return;
    case 'drop':
      return cut(response);
    case 'dropAfterApply':
      perform();
      return cut(response);
    case 'hold':
      faults.hold(() => codesOf(perform()));
      return cut(response);
    case 'park':
      faults.hold(() => {
        const outcome = perform();
        send(response, outcome);
        return codesOf(outcome);
      });
      return fault.arrived();
    case 'refuse':
      return send(response, fault.error);
    case 'meanwhile':
      fault.perform();
      return send(response, perform());
    case 'partial':
      return send(
        response,
        performed(() => route(withoutTexts(call), routes)),
      );
    case 'nonsense':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome to the hotel</html>');
  }
}

/** What is left of a batch when the posts of its texts are lost. */
function withoutTexts(call: Call): Call {
  const body = JSON.parse(call.body) as { readonly posts?: readonly { readonly type: string }[] };
  const posts = (body.posts ?? []).filter(({ type }) => type !== 'TXT');
  return { ...call, body: JSON.stringify({ ...body, posts }) };
}

function outcomeOf(perform: () => Reply): Reply | ApiError {
  try {
    return perform();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

function codesOf(outcome: Reply | ApiError): HeldOutcome {
  return outcome instanceof ApiError ? [outcome.code] : [];
}

function send(response: ServerResponse, outcome: Reply | ApiError): void {
  const headers = { 'content-type': 'application/json' };
  if (!(outcome instanceof ApiError)) {
    const { result, messages = [], result_info } = outcome;
    response.writeHead(200, headers);
    response.end(JSON.stringify({ success: true, errors: [], messages, result, result_info }));
    return;
  }
  const { status, code, message, chain } = outcome;
  const error = { code, message, ...(chain.length === 0 ? {} : { error_chain: chain }) };
  response.writeHead(status, { ...headers, ...outcome.headers });
  response.end(JSON.stringify({ success: false, errors: [error], messages: [], result: null }));
}

function cut(response: ServerResponse): void {
  response.socket?.destroy();
}
