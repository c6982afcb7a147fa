// One member of etcd over its JSON gateway (etcd documentation, "gRPC gateway"): one request, one answer, on connections that
// are kept. No retries here: whoever asks knows whether a request may be sent twice.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { EtcdFailure, readFailure } from './etcd-failure.ts';

/** A page of the largest values; anything longer is no answer of etcd's. */
const BODY_BYTES_MAX = 256 * 1024 * 1024;
const SOCKETS_MAX = 16;

/** PEM texts; null stands for the roots of the system, no certificate of our own, and the name in the endpoint. */
export type StoreTls = {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly serverName: string | null;
};

export type EtcdPost = {
  readonly path: string;
  readonly body: unknown;
  readonly token: string | null;
  readonly signal: AbortSignal;
  /** A longer answer is given up [256 MiB]. */
  readonly bytesMax?: number;
};

export class EtcdMember {
  /** Host and port. */
  readonly name: string;
  readonly #url: URL;
  readonly #isTls: boolean;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(endpoint: string, tls: StoreTls | null) {
    this.#url = new URL(endpoint);
    this.name = this.#url.host;
    this.#isTls = this.#url.protocol === 'https:';
    const kept = { keepAlive: true, maxSockets: SOCKETS_MAX };
    this.#agent = this.#isTls ? new HttpsAgent({ ...kept, ...tlsOptions(tls) }) : new HttpAgent(kept);
  }

  /** The answer as JSON. Rejects with EtcdFailure and with nothing else, also when the signal aborts. */
  async post(post: EtcdPost): Promise<unknown> {
    const response = await this.#send(post);
    const text = await this.#readAll(response, post);
    const failure = readFailure({ status: response.statusCode ?? 0, text });
    if (failure !== null) throw failure;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new EtcdFailure('garbage', `${this.#url.host} answered no JSON`, { isInDoubt: true, cause });
    }
  }

  /** The answer as it comes, for a watch. */
  async stream(post: EtcdPost): Promise<IncomingMessage> {
    const response = await this.#send(post);
    if (response.statusCode === 200) return response;
    const text = await this.#readAll(response, post);
    throw readFailure({ status: response.statusCode ?? 0, text }) ?? this.#lost('no watch', null, false);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #readAll(response: IncomingMessage, { signal, bytesMax = BODY_BYTES_MAX }: EtcdPost): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response) {
        bytes += (chunk as Buffer).length;
        if (bytes > bytesMax) throw new Error(`an answer of more than ${bytesMax} bytes`);
        chunks.push(chunk as Buffer);
      }
    } catch (cause) {
      response.destroy();
      throw this.#lost('the answer broke off', signal.aborted ? signal.reason : cause, true);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  #send({ path, body, token, signal }: EtcdPost): Promise<IncomingMessage> {
    const text = Buffer.from(JSON.stringify(body));
    const authorization = token === null ? {} : { authorization: token };
    const headers = { 'content-type': 'application/json', 'content-length': text.length, ...authorization };
    const send = this.#isTls ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      let isSent = false;
      const request = send(this.#url, { method: 'POST', path, headers, agent: this.#agent, signal }, resolve);
      // A connection that stands, or shakes hands, may carry the request from here on, whatever happens next.
      request.once('socket', (socket: Socket) => {
        if (!socket.connecting) isSent = true;
        else socket.once('connect', () => (isSent = true));
      });
      request.once('error', (cause) => reject(this.#lost('no answer', signal.aborted ? signal.reason : cause, isSent)));
      request.end(text);
    });
  }

  #lost(what: string, cause: unknown, isInDoubt: boolean): EtcdFailure {
    const why = cause instanceof Error ? `, ${cause.message}` : '';
    return new EtcdFailure('member', `${this.#url.host}: ${what}${why}`, { isInDoubt, cause });
  }
}

function tlsOptions(tls: StoreTls | null): object {
  const given = Object.entries({ ...tls, serverName: undefined, servername: tls?.serverName });
  return Object.fromEntries(given.filter(([, value]) => value !== null && value !== undefined));
}
