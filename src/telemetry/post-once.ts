// One POST on a connection of its own. No redirect is followed, since it would carry the alert to somebody who was not named;
// of the answer only the status counts.
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'aborted' };

export type Post = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
};

/** A receiver may say something politely; whoever says more than this is hung up on. */
const ANSWER_MAX_BYTES = 64 * 1_024;

/** Never rejects. Resolves as soon as the signal aborts, with the status if it was known by then. */
export function postOnce({ url, headers, body, signal }: Post): Promise<PostOutcome> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve({ kind: 'aborted' });
    const octets = Buffer.from(body, 'utf8');
    const options: RequestOptions = {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': String(octets.length) },
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
    let status: number | null = null;
    const settle = (otherwise: PostOutcome) => {
      signal.removeEventListener('abort', onAbort);
      resolve(status === null ? otherwise : { kind: 'answered', status });
      request.destroy();
    };
    const onClose = () => settle({ kind: 'unreachable', reason: 'the connection closed without an answer' });
    function onAbort(): void {
      settle({ kind: 'aborted' });
    }
    signal.addEventListener('abort', onAbort, { once: true });
    // `on`, not `once`: destroying the request may raise another error, which nobody needs any more.
    request.on('error', (error) => settle({ kind: 'unreachable', reason: explain(error) }));
    request.once('close', onClose);
    request.once('response', (response) => {
      status = response.statusCode ?? 0;
      discard(response, onClose);
    });
    request.end(octets);
  });
}

/** Reads the answer to its end or to the bound: a peer that is cut off in its answer may think that nothing arrived. */
function discard(response: IncomingMessage, done: () => void): void {
  let octets = 0;
  response.on('data', (chunk: Buffer) => {
    octets += chunk.length;
    if (octets > ANSWER_MAX_BYTES) done();
  });
  response.on('error', done);
  response.once('end', done);
}

/** The code says what happened; messages of libraries may hold more than is anybody's business. */
function explain(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
