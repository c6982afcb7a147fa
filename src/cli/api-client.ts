// Speaks to a prober over its Unix socket. Tries the sockets of all configured probers of this machine until one answers.
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

/** Throws ONEUP_PROBER_UNREACHABLE naming every socket that was tried, or the error that the prober answered with. */
export function createApiClient(socketPaths: readonly string[]): ApiClient {
  const call = async <T>(method: 'GET' | 'POST', path: string, body: unknown): Promise<T> => {
    const failures: string[] = [];
    let problem: OneupError | null = null;
    for (const socketPath of socketPaths) {
      try {
        return read<T>(await exchange({ socketPath, method, path, body }));
      } catch (error) {
        // A prober without a store has done nothing with the call; perhaps the next one has a store.
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

type Exchange = { readonly socketPath: string; readonly method: string; readonly path: string; readonly body: unknown };
type Answer = { readonly status: number; readonly text: string };

function exchange({ socketPath, method, path, body }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', connection: 'close' };
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
