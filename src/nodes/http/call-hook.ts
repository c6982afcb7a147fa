// One signed POST to a hook on a connection of its own, through a proxy where one is named. No redirect is followed: it would carry
// an order to somebody who was not named. An answer counts only when it is signed, complete and short.
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../../base/clock.ts';
import type { HttpActionConfig } from '../../config/config.ts';
import { openTunnel, type Tunnel } from './open-tunnel.ts';
import { isAnswerSigned, signRequest } from './sign.ts';

/** `unsent`: the order cannot have arrived. `lost`: it may have. `refused`: the hook, or somebody in its place, said no. */
export type HookReply =
  | { readonly kind: 'answered'; readonly answer: unknown }
  | { readonly kind: 'unsent' | 'lost' | 'refused'; readonly reason: string }
  /** `wasSent`: the way to the hook was open, so the order may have arrived. */
  | { readonly kind: 'deadline' | 'aborted'; readonly reason: string; readonly wasSent: boolean };

export type HookCall = {
  /** `hello`, `go`, `status` or `query`. */
  readonly call: string;
  readonly message: object;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

/** A hook says 5 KiB at most. */
const ANSWER_MAX_BYTES = 64 * 1_024;

/** Never rejects; resolves at the latest after `timeoutMs`. */
export function callHook(action: HttpActionConfig, call: HookCall, clock: Clock): Promise<HookReply> {
  const { signal, timeoutMs } = call;
  if (signal.aborted) return Promise.resolve({ kind: 'aborted', reason: 'the caller gave up', wasSent: false });
  const url = new URL(`${action.url}/${call.call}`);
  const nonce = randomUUID();
  const body = JSON.stringify(call.message);
  const tunnel = action.proxy === null ? null : openTunnel(action.proxy, { url, ca: action.ca });
  return new Promise((resolve) => {
    let isConnected = false;
    const onOpen = () => {
      isConnected = true;
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      ...requestOptions(action, { url, nonce, body }),
      ...(tunnel === null ? {} : throughTunnel(tunnel, onOpen)),
    });
    const settle = (reply: HookReply) => {
      timer.stop();
      signal.removeEventListener('abort', onAbort);
      resolve(reply);
      request.destroy();
      tunnel?.close();
    };
    const timer = clock.timer(timeoutMs, () => {
      const where = tunnel === null || isConnected ? '' : ` (${tunnel.way})`;
      settle({ kind: 'deadline', reason: `no answer came in time${where}`, wasSent: isConnected });
    });
    const onAbort = () => settle({ kind: 'aborted', reason: 'the caller gave up', wasSent: isConnected });
    const onLoss = (reason: string) => settle({ kind: isConnected ? 'lost' : 'unsent', reason });
    signal.addEventListener('abort', onAbort, { once: true });
    request.once('socket', (socket) => {
      if (tunnel === null) socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onOpen);
      // The proxy's answer was read by hand, and the socket stands still since then.
      else socket.resume();
    });
    // `on`, not `once`: destroying the request may raise another error, which nobody needs any more.
    request.on('error', (error) => onLoss(explain(error)));
    request.once('close', () => onLoss('the connection closed without a whole answer'));
    request.once('response', (response) => {
      readAll(response, (text) => settle(judge(response, { text, nonce, action })));
    });
    request.end(body);
  });
}

function requestOptions(
  { secret, ca }: HttpActionConfig,
  { url, nonce, body }: { readonly url: URL; readonly nonce: string; readonly body: string },
): RequestOptions {
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'oneup-nonce': nonce,
    'oneup-signature': signRequest({ path: url.pathname, nonce, body }, secret),
  };
  return { method: 'POST', agent: false, headers, ...(ca === null ? {} : { ca }) } as RequestOptions;
}

/** `agent` is left open, as Node asks an agent rather than `createConnection`. */
function throughTunnel(tunnel: Tunnel, onOpen: () => void): RequestOptions {
  const createConnection: RequestOptions['createConnection'] = (_, give) => {
    tunnel.opened.then(
      (socket) => {
        onOpen();
        give(null, socket);
      },
      (error: Error) => give(error, undefined as never),
    );
    return undefined;
  };
  return { agent: undefined, createConnection };
}

/** Calls `done` once: with the whole body, or with null when it is too long. A body that breaks off ends in `close`. */
function readAll(response: IncomingMessage, done: (text: string | null) => void): void {
  let body = Buffer.alloc(0);
  response.on('data', (chunk: Buffer) => {
    body = Buffer.concat([body, chunk.subarray(0, ANSWER_MAX_BYTES + 1 - body.length)]);
    if (body.length > ANSWER_MAX_BYTES) done(null);
  });
  response.on('error', () => {});
  response.once('end', () => {
    if (response.complete) done(body.toString());
  });
}

type Received = { readonly text: string | null; readonly nonce: string; readonly action: HttpActionConfig };

function judge(response: IncomingMessage, { text, nonce, action }: Received): HookReply {
  const status = response.statusCode ?? 0;
  const refused = (reason: string): HookReply => ({ kind: 'refused', reason });
  if (status >= 300 && status < 400) return refused(`it redirects with status ${status}, which is not followed`);
  if (text === null) return refused('its answer is longer than 64 KiB');
  if (status !== 200) return refused(`its status was ${status}${status === 401 ? ', is the secret the same?' : ''}`);
  const signature = String(response.headers['oneup-signature'] ?? '');
  if (!isAnswerSigned({ status, nonce, body: text }, signature, action.secret)) {
    return refused('its answer is not signed with the secret');
  }
  try {
    return { kind: 'answered', answer: JSON.parse(text) };
  } catch {
    return refused('its answer is no JSON');
  }
}

/** The code says what happened; messages of libraries may hold more than is anybody's business. */
function explain(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
