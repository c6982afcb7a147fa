// One HTTPS request to a listener for agents, as bare as a stranger could send it.
import { request } from 'node:https';
import type { Endpoint } from '../../src/config/config.ts';

export type Reply = {
  readonly status: number;
  readonly body: { readonly error?: { code: string; message: string; remedy: string } };
};

export type Ask = {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string;
  readonly header?: string;
  readonly body?: string;
  readonly ca: string;
};

/** Rejects when the connection ends without an answer. */
export function askDoor({ host, port }: Endpoint, ask: Ask): Promise<Reply> {
  const { path = '/v1/agent/goals', method = 'POST', token, header, body, ca } = ask;
  const authorization = header ?? (token === undefined ? undefined : `Bearer ${token}`);
  const headers = authorization === undefined ? {} : { authorization };
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method, headers, ca, agent: false, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}
