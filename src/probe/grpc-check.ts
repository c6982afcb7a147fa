// Asks grpc.health.v1.Health/Check over HTTP/2, in the clear or by TLS. The messages are written by hand.
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import type { GrpcTarget } from '../config/check-target.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';
import { decodeHealthStatus, encodeHealthRequest } from './grpc-health-message.ts';
import type { PhaseTimer } from './phase-timer.ts';

/** A health message has some ten bytes. */
const MESSAGE_MAX_BYTES = 4_096;
const SERVING = 1;
const STATUS_WORDS: Readonly<Record<number, string>> = { 0: 'UNKNOWN', 2: 'NOT_SERVING', 3: 'SERVICE_UNKNOWN' };
/** PERMISSION_DENIED and UNAUTHENTICATED speak of our rights, not of the node (S22). */
const DENIED_CODES: readonly number[] = [7, 16];
const REASON_CHARS = 160;

/** Never rejects; safe to repeat. */
export function grpcCheck(target: GrpcTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const { host, port, service } = target;
  const tls = target.tls === null ? null : { ...target.tls, alpn: ['h2'] };
  const what = `ask ${host}:${port} for the health of ${service === '' ? 'the server' : service}`;
  return converse({ host, port, what, tls, proxy: null }, options, async (socket, timer) => {
    const scheme = tls === null ? 'http' : 'https';
    const session = connectHttp2(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`, {
      createConnection: () => socket as Socket & { readonly encrypted: true },
      maxSessionMemory: 1,
      settings: { enablePush: false },
    });
    try {
      return await ask(session, service, timer);
    } finally {
      session.destroy();
    }
  });
}

function ask(session: ClientHttp2Session, service: string, timer: PhaseTimer): Promise<string> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'oneup',
    });
    let body = Buffer.alloc(0);
    let headers: IncomingHttpHeaders = {};
    const answer = { httpStatus: 0 };
    stream.on('error', reject);
    stream.once('response', (first) => {
      timer.begin('body');
      answer.httpStatus = Number(first[':status'] ?? 0);
      headers = first;
    });
    // Trailers alone are the whole answer of a refusal; else they follow the message.
    stream.once('trailers', (last: IncomingHttpHeaders) => {
      headers = { ...headers, ...last };
    });
    stream.on('data', (chunk: Buffer) => {
      body = Buffer.concat([body, chunk]);
      if (body.length > MESSAGE_MAX_BYTES) {
        reject(new CheckFault('fail', `the answer is longer than ${MESSAGE_MAX_BYTES} bytes`));
        session.destroy();
      }
    });
    stream.once('end', () => {
      try {
        resolve(judge(answer.httpStatus, headers, body));
      } catch (error) {
        reject(error);
      }
    });
    stream.end(encodeHealthRequest(service));
  });
}

/** What a pass shows; throws CheckFault for everything but SERVING. */
function judge(httpStatus: number, headers: IncomingHttpHeaders, body: Buffer): string {
  if (httpStatus !== 200) throw new CheckFault('fail', `status was ${httpStatus}, expected 200`);
  const code = headers['grpc-status'] === undefined ? Number.NaN : Number(headers['grpc-status']);
  if (Number.isNaN(code)) throw new CheckFault('fail', 'the answer has no grpc-status');
  if (code !== 0) {
    const words = String(headers['grpc-message'] ?? '').slice(0, REASON_CHARS);
    const message = `grpc-status was ${code}${words === '' ? '' : `: ${words}`}`;
    throw new CheckFault(DENIED_CODES.includes(code) ? 'error' : 'fail', message);
  }
  const status = decodeHealthStatus(body);
  if (status === SERVING) return 'SERVING';
  throw new CheckFault('fail', `the health is ${STATUS_WORDS[status] ?? status}, expected SERVING`);
}
