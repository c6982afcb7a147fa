// Asks one URL on one address and judges status and body. One attempt, no redirects followed: where a redirect leads is
// another machine's health. The first byte counts as come when the whole header has; the body is read to its end, to
// 64 KiB or to the wanted text, whichever is first.
import { type IncomingMessage, request as requestHttp, validateHeaderName, validateHeaderValue } from 'node:http';
import type { Socket } from 'node:net';
import type { HttpTarget } from '../config/check-target.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';
import { findBodyFault, isBodyDecided } from './judge-body.ts';
import type { PhaseTimer } from './phase-timer.ts';

/** The part of a body that is read; the rest is not worth the memory or the time. */
const BODY_MAX_BYTES = 64 * 1_024;

/** Never rejects; safe to repeat. */
export async function httpCheck(target: HttpTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const url = new URL(target.url);
  const isTls = url.protocol === 'https:';
  const headers = headersOf(target, url);
  const party = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    // Without user, password and query: credentials travel there, and reasons are shown to everybody.
    what: `${target.method} ${url.protocol}//${url.host}${url.pathname}`,
    tls: isTls ? { ca: null, serverName: nameAsked(headers, url), verify: target.verifyTls } : null,
    proxy: target.proxy ?? null,
  };
  const fault = findHeaderFault(headers);
  if (fault !== null) {
    return { result: { kind: 'error', phases: {}, reason: `Cannot ${party.what}: ${fault}` }, lingering: null };
  }
  return converse(party, options, (socket, timer) => exchange(target, { url, headers, socket, timer }));
}

/** A virtual host is asked for by the Host header, so TLS must ask for (and check) the same name. */
function nameAsked(headers: Readonly<Record<string, string>>, { hostname }: URL): string {
  const named = `https://${headers.host}`;
  return URL.canParse(named) ? new URL(named).hostname : hostname;
}

function headersOf(target: HttpTarget, url: URL): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { host: url.host, 'user-agent': 'oneup' };
  for (const [name, value] of target.headers) headers[name.toLowerCase()] = value.reveal();
  return headers;
}

type Exchange = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly socket: Socket;
  readonly timer: PhaseTimer;
};

function exchange(target: HttpTarget, { url, headers, socket, timer }: Exchange): Promise<string> {
  return new Promise((resolve, reject) => {
    const auth = url.username === '' ? null : [url.username, url.password].map(decodeURIComponent).join(':');
    const path = `${url.pathname}${url.search}`;
    const options = { method: target.method, path, headers, auth, createConnection: () => socket };
    const request = requestHttp(options);
    // `on`, not `once`: the end of the connection may raise another error, which nobody needs any more.
    request.on('error', reject);
    request.once('response', (response) => {
      response.on('error', reject);
      timer.begin('body');
      // Reaching the response means that the header is there; a wrong status needs no body.
      const status = response.statusCode ?? 0;
      if (!target.status.some(([from, to]) => status >= from && status <= to)) {
        reject(new CheckFault('fail', `status was ${status}, expected ${ranges(target)}`, { phase: 'firstByte' }));
        return;
      }
      readBody(response, target).then((fault) => {
        if (fault === null) resolve(`status ${status}`);
        else reject(fault);
      }, reject);
    });
    request.end();
    // A proxy's answer was read by hand, and the socket stands still since then.
    socket.resume();
  });
}

/** Headers that cannot be sent: nothing can be asked, and nothing is known of the node (S22). */
function findHeaderFault(headers: Readonly<Record<string, string>>): string | null {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What is wrong with the body, or null. */
async function readBody(response: IncomingMessage, target: HttpTarget): Promise<CheckFault | null> {
  let body = Buffer.alloc(0);
  const isWhole = await new Promise<boolean>((resolve) => {
    response.on('data', (chunk: Buffer) => {
      const room = BODY_MAX_BYTES - body.length;
      if (room > 0) body = Buffer.concat([body, chunk.subarray(0, room)]);
      if (chunk.length > room || isBodyDecided(body, target)) resolve(false);
    });
    response.once('end', () => resolve(true));
  });
  return findBodyFault(body, target, { isWhole });
}

function ranges({ status }: HttpTarget): string {
  return status.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
