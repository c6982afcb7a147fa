// Speaks to a prober over its Unix socket. Tries the sockets of all configured probers of this machine until one answers.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { ERROR_CATALOGUE, type ErrorCode } from '../base/error-catalogue.ts';
import { OneupError } from '../base/oneup-error.ts';

export type ApiClient = {
  readonly get: <T>(path: string) => Promise<T>;
  readonly post: <T>(path: string, body: unknown) => Promise<T>;
};

/** Looking is quick; a prober that is silent for longer stands still, and the next one is asked. */
const GET_TIMEOUT_MS = 5_000;
/** Above the time in which a prober gives up on the controller. */
const POST_TIMEOUT_MS = 25_000;
/** A status of a thousand services is far below this. */
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Throws ONEUP_PROBER_UNREACHABLE naming every socket that was tried, or the error that the prober answered with. What is posted
 * is done once, however many probers are tried: each post has a key of its own, from `newKey` [a random one].
 */
export function createApiClient(socketPaths: readonly string[], newKey: () => string = randomUUID): ApiClient {
  const call = async <T>(method: 'GET' | 'POST', path: string, body: unknown): Promise<T> => {
    const failures: string[] = [];
    let problem: OneupError | null = null;
    // The same for all of them: one that is silent may have passed it on.
    const idempotencyKey = newKey();
    for (const socketPath of socketPaths) {
      try {
        return read<T>(await exchange({ socketPath, method, path, body, idempotencyKey }));
      } catch (error) {
        // Perhaps the next one has a store; a command that was left there after all is known by its key.
        if (error instanceof OneupError && !error.code.startsWith('ONEUP_STORE_')) throw error;
        if (error instanceof OneupError) problem ??= error;
        failures.push(`${socketPath}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    if (problem !== null) throw problem;
    throw new OneupError('ONEUP_PROBER_UNREACHABLE', `Cannot reach a prober; tried ${failures.join('; ')}`);
  };
  return { get: (path) => call('GET', path, null), post: (path, body) => call('POST', path, body) };
}

type Exchange = {
  readonly socketPath: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly idempotencyKey: string;
};
type Answer = { readonly status: number; readonly text: string };

function exchange({ socketPath, method, path, body, idempotencyKey }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      connection: 'close',
      ...(method === 'POST' ? { 'idempotency-key': idempotencyKey } : {}),
    };
    const call = request(
      { socketPath, method, path, headers, timeout: method === 'GET' ? GET_TIMEOUT_MS : POST_TIMEOUT_MS },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_MAX_BYTES) call.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
        );
        response.on('error', reject);
      },
    );
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.on('error', reject);
    call.end(body === null ? undefined : JSON.stringify(body));
  });
}

function read<T>({ status, text }: Answer): T {
  const value = JSON.parse(text) as T & { readonly error?: { code: string; message: string; remedy?: string } };
  if (status < 400) return value;
  const { code = 'ONEUP_INTERNAL', message = `status ${status}`, remedy } = value.error ?? {};
  const known = code in ERROR_CATALOGUE ? (code as ErrorCode) : 'ONEUP_INTERNAL';
  throw new OneupError(known, message, remedy === undefined ? {} : { remedy });
}
