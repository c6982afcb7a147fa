// Asks one URL on one address and judges status and body. One attempt, no redirects followed: where a redirect leads is
// another machine's health. The first byte counts as come when the whole header has; the body is read to its end, to
// 64 KiB or to the wanted text, whichever is first.
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { CheckTarget } from '../config/config.ts';
import type { ProbeResult } from '../health/probe-result.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { judgeDeadline, judgeFault } from './judge-fault.ts';
import { PhaseTimer } from './phase-timer.ts';
import { resolveHost } from './resolve-host.ts';

type HttpTarget = Extract<CheckTarget, { kind: 'http' }>;
type Options = { readonly signal: AbortSignal; readonly clock: Clock };

/** The part of a body that is read; the rest is not worth the memory or the time. */
const BODY_MAX_BYTES = 64 * 1_024;

/** Never rejects; safe to repeat. */
export async function httpCheck(target: HttpTarget, { signal, clock }: Options): Promise<CheckOutcome> {
  const timer = new PhaseTimer(clock, 'resolve');
  const url = new URL(target.url);
  // Without user, password and query: credentials travel there, and reasons are shown to everybody.
  const what = `${target.method} ${url.protocol}//${url.host}${url.pathname}`;
  if (signal.aborted) {
    return { result: { kind: 'error', phases: {}, reason: `Cannot ${what}: no time was left` }, lingering: null };
  }
  const resolved = await resolveHost(url.hostname, { signal });
  timer.begin('connect');
  const phases = timer.times();
  if (resolved.kind === 'error') return { result: { kind: 'error', phases, reason: resolved.reason }, lingering: null };
  if (resolved.kind === 'deadline') {
    return { result: judgeDeadline({ phase: 'resolve', phases, what }), lingering: resolved.lingering };
  }
  try {
    const options = requestOptions(target, url, resolved.address);
    return { result: await exchange(target, { options, what, timer, signal }), lingering: null };
  } catch (error) {
    // Headers that cannot be sent: nothing was asked.
    const reason = `Cannot ${what}: ${error instanceof Error ? error.message : String(error)}`;
    return { result: { kind: 'error', phases, reason }, lingering: null };
  }
}

function requestOptions(target: HttpTarget, url: URL, address: string): RequestOptions & { isTls: boolean } {
  const headers: Record<string, string> = { host: url.host, 'user-agent': 'oneup' };
  for (const [name, value] of target.headers) headers[name.toLowerCase()] = value.reveal();
  // A virtual host is asked for by the Host header, so TLS must ask for (and check) the same name.
  const named = new URL(`${url.protocol}//${headers.host}`).hostname;
  return {
    isTls: url.protocol === 'https:',
    agent: false,
    host: address,
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
    method: target.method,
    path: `${url.pathname}${url.search}`,
    headers,
    rejectUnauthorized: target.verifyTls,
    ...(isIP(named.replace(/^\[|\]$/g, '')) === 0 ? { servername: named } : { servername: '' }),
    ...(url.username === '' ? {} : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
  } as RequestOptions & { isTls: boolean };
}

type Exchange = {
  readonly options: RequestOptions & { readonly isTls: boolean };
  readonly what: string;
  readonly timer: PhaseTimer;
  readonly signal: AbortSignal;
};

function exchange(target: HttpTarget, { options, what, timer, signal }: Exchange): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const request = (options.isTls ? requestHttps : requestHttp)(options);
    const settle = (judge: () => ProbeResult) => {
      signal.removeEventListener('abort', onDeadline);
      timer.end();
      resolve(judge());
      request.destroy();
    };
    const where = () => ({ phase: timer.phase, phases: timer.times(), what });
    function onDeadline(): void {
      settle(() => judgeDeadline(where()));
    }
    signal.addEventListener('abort', onDeadline, { once: true });
    timeHandshake(request, { isTls: options.isTls, timer });
    // `on`, not `once`: destroying the request may raise another error, which nobody needs any more.
    request.on('error', (error) => settle(() => judgeFault(error, where())));
    request.once('close', () => settle(() => failure(where(), 'the connection closed before the answer was complete')));
    request.once('response', (response) => {
      response.on('error', (error) => settle(() => judgeFault(error, where())));
      timer.begin('body');
      // Reaching the response means that the header is there; a wrong status needs no body.
      const status = response.statusCode ?? 0;
      if (!target.status.some(([from, to]) => status >= from && status <= to)) {
        settle(() => failure({ ...where(), phase: 'firstByte' }, `status was ${status}, expected ${ranges(target)}`));
        return;
      }
      readBody(response, target.bodyContains, (hasText) => {
        if (hasText) settle(() => ({ kind: 'pass', phases: timer.times(), detail: `status ${status}` }));
        else settle(() => failure(where(), `the first 64 KiB of the body lack ${JSON.stringify(target.bodyContains)}`));
      });
    });
    request.end();
  });
}

function timeHandshake(request: ClientRequest, { isTls, timer }: { isTls: boolean; timer: PhaseTimer }): void {
  request.once('socket', (socket) => {
    socket.once('connect', () => timer.begin(isTls ? 'tls' : 'firstByte'));
    socket.once('secureConnect', () => timer.begin('firstByte'));
  });
}

/** Calls `done` once, with whether the wanted text (or any end at all, where none is wanted) was found. */
function readBody(response: IncomingMessage, wanted: string | null, done: (hasText: boolean) => void): void {
  let body = Buffer.alloc(0);
  let isDone = false;
  const finish = (hasText: boolean) => {
    if (!isDone) done(hasText);
    isDone = true;
  };
  response.on('data', (chunk: Buffer) => {
    if (isDone) return;
    body = Buffer.concat([body, chunk.subarray(0, BODY_MAX_BYTES - body.length)]);
    if (wanted !== null && body.includes(wanted)) finish(true);
    else if (body.length >= BODY_MAX_BYTES) finish(wanted === null);
  });
  response.once('end', () => finish(wanted === null));
}

type Where = Parameters<typeof judgeDeadline>[0];

function failure({ phase, phases, what }: Where, reason: string): ProbeResult {
  return { kind: 'fail', phases, phase, reason: `Cannot ${what}: ${reason}`, reach: 'reached' };
}

function ranges({ status }: HttpTarget): string {
  return status.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
