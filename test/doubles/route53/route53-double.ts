// A stand-in for Amazon Route 53 on loopback that speaks its REST-XML protocol over real HTTP. It keeps zones, verifies
// signatures, judges each request by the published model, and has faults on request. What it does not do: README.md.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AccessKey, authenticate, authorize, type ClockForm } from './access.ts';
import { ApiError, type InvalidBatchForm, renderError } from './api-error.ts';
import { assumeRole, type Role } from './assume-role.ts';
import { type ChooseFault, type Fault, NO_FAULT } from './fault.ts';
import { HostedZones } from './hosted-zones.ts';
import { findOperation, loadModel, type Model } from './model.ts';
import { HANDLERS } from './operations.ts';
import { readInput } from './read-input.ts';
import { renderOutput } from './render-output.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';
import { readAuthorization, type SignedRequest } from './verify-signature.ts';

/** One request as it arrived; what it asked for and how it was answered. */
export type Seen = {
  readonly operation: string;
  readonly accessKeyId: string;
  status: number | null;
  /** It was performed, whether or not the answer arrived. */
  isDone: boolean;
};

/** Far more than a full change batch. */
const BODY_MAX_BYTES = 1_000_000;
const SEEN_MAX = 10_000;
const FLOOD_PART = 262_144;
type Answer = { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export class Route53Double implements AsyncDisposable {
  readonly zones = new HostedZones();
  readonly keys = new Map<string, AccessKey>();
  readonly roles: Role[] = [];
  readonly seen: Seen[] = [];
  fault: ChooseFault = NO_FAULT;
  invalidBatchForm: InvalidBatchForm = 'common';
  /** Added to the time of this machine: a caller whose clock is wrong. */
  skewMs = 0;
  clockForm: ClockForm = 'RequestExpired';
  readonly #model: Model = loadModel();
  readonly #server: Server;
  #takesToken = () => true;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response).catch((error) => response.destroy(error));
    });
  }

  static async start(): Promise<Route53Double> {
    const double = new Route53Double();
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  /** For `endpoint` of a client, of this service and of the Security Token Service. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A key that may do everything, unless `rest` says what. */
  addKey(rest: Partial<AccessKey> = {}): AccessKey {
    const accessKeyId = `AKIA${randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()}`;
    const key: AccessKey = { accessKeyId, secretAccessKey: `secret-${randomUUID()}`, ...rest };
    this.keys.set(key.accessKeyId, key);
    return key;
  }

  /** null lifts the limit. `nowMs` is the time by which the limit is counted [that of this machine]. */
  throttle(rate: Rate | null, nowMs = () => this.#nowMs()): void {
    const bucket = rate === null ? null : new TokenBucket(rate, nowMs());
    this.#takesToken = () => bucket?.take(nowMs()) !== false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #nowMs(): number {
    return Date.now() + this.skewMs;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    const { method = 'GET', headers } = request;
    const signed: SignedRequest = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: await readText(request),
    };
    const operation = findOperation(this.#model, method, url.pathname)?.operation.name ?? 'AssumeRole';
    const accessKeyId = readAuthorization(headers)?.accessKeyId ?? '';
    const seen: Seen = { operation, accessKeyId, status: null, isDone: false };
    if (this.seen.push(seen) > SEEN_MAX) this.seen.shift();
    const fault = this.fault({ operation, accessKeyId });
    if (fault?.kind === 'slow') await fault.until;
    else if (fault !== null && fault.kind !== 'dropAfter') return this.#fail(fault, { signed, response, seen });
    const answer = this.#answer(signed);
    seen.isDone = answer.status === 200;
    if (fault?.kind === 'dropAfter') return void response.destroy();
    seen.status = answer.status;
    send(response, answer);
  }

  async #fail(
    fault: Exclude<Fault, { kind: 'slow' }>,
    { signed, response, seen }: { signed: SignedRequest; response: ServerResponse; seen: Seen },
  ): Promise<void> {
    if (fault.kind === 'hang') return;
    if (fault.kind === 'refuse') {
      seen.status = fault.status;
      const message =
        fault.code === 'Throttling' ? 'Rate exceeded' : 'The request has failed for a reason of the service';
      const body = renderError(new ApiError(fault.status, fault.code, message), randomUUID(), this.invalidBatchForm);
      return send(response, { status: fault.status, body, headers: fault.headers ?? {} });
    }
    if (fault.kind === 'endless') return flood(response);
    if (fault.kind === 'garbage')
      return send(response, { status: 200, body: '<html><body>Please log in</body></html>' });
    response.destroy();
    if (fault.kind !== 'late') return;
    await fault.until;
    seen.status = this.#answer(signed).status;
    seen.isDone = seen.status === 200;
  }

  #answer(signed: SignedRequest): Answer {
    const requestId = randomUUID();
    try {
      return { status: 200, body: this.#perform(signed), headers: { 'x-amzn-requestid': requestId } };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { status: error.status, body: renderError(error, requestId, this.invalidBatchForm) };
    }
  }

  #perform(signed: SignedRequest): string {
    const nowMs = this.#nowMs();
    if (signed.method === 'POST' && signed.path === '/') {
      const caller = authenticate(signed, this.keys, { nowMs, service: 'sts', clockForm: this.clockForm });
      const { key, xml } = assumeRole(signed.body, this.roles, caller, nowMs);
      this.keys.set(key.accessKeyId, key);
      return xml;
    }
    const route = findOperation(this.#model, signed.method, signed.path);
    const handler = HANDLERS[route?.operation.name ?? ''];
    if (route === null || handler === undefined)
      throw new ApiError(400, 'InvalidAction', 'This double has no such operation');
    const key = authenticate(signed, this.keys, { nowMs, service: 'route53', clockForm: this.clockForm });
    if (!this.#takesToken()) throw new ApiError(400, 'Throttling', 'Rate exceeded');
    const read = readInput(this.#model, route.operation, { uri: route.uri, query: signed.query, body: signed.body });
    if (!read.ok) throw invalidInput(read.problems);
    const zone = read.input.HostedZoneId ?? (route.operation.name === 'GetHostedZone' ? read.input.Id : undefined);
    authorize(key, route.operation.name, zone === undefined ? null : `${zone}`, read.input);
    return renderOutput(this.#model, route.operation.output.shape, handler(read.input, this.zones, nowMs));
  }
}

function invalidInput(problems: readonly string[]): ApiError {
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected`;
  return new ApiError(400, 'InvalidInput', `${count}: ${problems.join('; ')}`);
}

function send(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.writeHead(status, { 'content-type': 'text/xml', ...headers });
  response.end(body);
}

/** Until the other side has had enough. */
function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/xml' });
  const part = 'x'.repeat(FLOOD_PART);
  const more = () => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', more);
  more();
}

async function readText(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > BODY_MAX_BYTES) throw new Error(`Cannot read a body of more than ${BODY_MAX_BYTES} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}
