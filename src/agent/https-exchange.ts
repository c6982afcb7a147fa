// One request to one prober and its answer, within a deadline and a size. Connections are kept for the next request.
import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as requestPlain } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import type { Clock, Timer } from '../base/clock.ts';
import type { Secret } from '../base/secret.ts';
import type { Endpoint } from '../config/config.ts';

/** `ca`, PEM: who alone may vouch for a prober, null: the system's; `serverName` null: the certificate bears the prober's host. */
export type LinkTls = { readonly ca: string | null; readonly serverName: string | null };

export type ExchangeOptions = {
  readonly clock: Clock;
  readonly token: Secret;
  /** null: plain HTTP, for probers that listen on loopback. */
  readonly tls: LinkTls | null;
};

export type Call = {
  readonly prober: Endpoint;
  readonly path: string;
  readonly body: unknown;
  readonly timeoutMs: number;
  /** Longest silence before the answer begins; a prober that waits with it says so meanwhile. */
  readonly quietMs: number;
  readonly signal: AbortSignal;
};

export type Answer = { readonly status: number; readonly value: unknown };

const ANSWER_MAX_BYTES = 1_048_576;
/** To connect and to shake hands; whoever takes longer is as good as gone. */
const CONNECT_MS = 2_000;
/** One long poll, renewals and reports beside it. */
const SOCKETS_MAX = 8;

export class HttpsExchange implements Disposable {
  readonly #options: ExchangeOptions;
  readonly #agent: PlainAgent | TlsAgent;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const kept = { keepAlive: true, maxSockets: SOCKETS_MAX, maxFreeSockets: SOCKETS_MAX };
    this.#agent = options.tls === null ? new PlainAgent(kept) : new TlsAgent({ ...kept, ...tlsOptions(options.tls) });
  }

  /** Rejects with an Error whose message never holds the token, or with the signal's reason. */
  async exchange(call: Call): Promise<Answer> {
    try {
      return await this.#once(call);
    } catch (error) {
      // The prober closed a kept connection just when it was used: nothing was done, and a new one may do.
      if (!(error instanceof StaleConnection) || call.signal.aborted) throw error;
      return await this.#once(call);
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #once(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { clock } = this.#options;
      const sent = this.#send(call);
      const deadline = clock.timer(call.timeoutMs, () => sent.destroy(new Error(`no answer in ${call.timeoutMs} ms`)));
      const quiet = watchSilence(sent, clock, call.quietMs);
      const connecting = clock.timer(CONNECT_MS, () => sent.destroy(new Error(`no connection in ${CONNECT_MS} ms`)));
      const event = this.#options.tls === null ? 'connect' : 'secureConnect';
      sent.on('socket', (socket) => {
        if (socket.connecting || (event === 'secureConnect' && !sent.reusedSocket))
          socket.once(event, () => connecting.stop());
        else connecting.stop();
      });
      const onAbort = () =>
        sent.destroy(call.signal.reason instanceof Error ? call.signal.reason : new Error('aborted'));
      call.signal.addEventListener('abort', onAbort, { once: true });
      sent.on('response', (response) => readAnswer(response, sent, resolve));
      sent.on('error', (error) => {
        const isStale = sent.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        reject(isStale ? new StaleConnection(error.message) : error);
      });
      sent.on('close', () => {
        deadline.stop();
        connecting.stop();
        quiet.stop();
        call.signal.removeEventListener('abort', onAbort);
        reject(new Error('the connection ended before the answer did'));
      });
      if (call.signal.aborted) onAbort();
      else sent.end(JSON.stringify(call.body));
    });
  }

  #send({ prober, path }: Call): ClientRequest {
    const { token, tls } = this.#options;
    const options = {
      host: prober.host,
      port: prober.port,
      method: 'POST',
      path,
      agent: this.#agent,
      headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
    };
    return tls === null ? requestPlain(options) : requestTls(options);
  }
}

/** A network that is cut says nothing, and what was sent into it is sent again ever more rarely: waiting costs longer than asking anew. */
function watchSilence(sent: ClientRequest, clock: Clock, quietMs: number): Timer {
  const begin = () => clock.timer(quietMs, () => sent.destroy(new Error(`not a word in ${quietMs} ms`)));
  let timer = begin();
  sent.on('information', () => {
    timer.stop();
    timer = begin();
  });
  sent.on('response', () => timer.stop());
  return { stop: () => timer.stop() };
}

class StaleConnection extends Error {}

function tlsOptions({ ca, serverName }: LinkTls): object {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === null ? {} : { ca }),
    ...(serverName === null ? {} : { servername: serverName }),
  };
}

function readAnswer(response: IncomingMessage, sent: ClientRequest, resolve: (answer: Answer) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > ANSWER_MAX_BYTES) sent.destroy(new Error(`the answer is longer than ${ANSWER_MAX_BYTES} bytes`));
    else chunks.push(chunk);
  });
  response.on('error', (error) => sent.destroy(error));
  response.on('end', () => {
    if (!response.complete) return;
    resolve({ status: response.statusCode ?? 0, value: parseJson(Buffer.concat(chunks).toString('utf8')) });
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever answers is no prober; the reader of the answer says so.
    return null;
  }
}
