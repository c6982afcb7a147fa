// One call of the SDK, once, within its time and size: the value, or the error with whether the request may have left this
// machine.
import { pipeline, Readable, Transform } from 'node:stream';
import type { Clock } from '../../src/base/clock.ts';
import { err, ok, type Result } from '../../src/base/result.ts';

export type CallError = { readonly error: unknown; readonly isSent: boolean };

/** The part of a command that is needed here: its middleware, which sees the request right before it is sent. */
type Watched = {
  readonly middlewareStack: {
    readonly add: (middleware: never, options: { step: 'deserialize'; priority: 'low'; name: string }) => void;
  };
};

export type CallLimits = { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal };

/** Errors that say that no connection came to be. A connect timeout of the SDK has no code; its request timeout has one. */
const UNSENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);

export async function callOnce<T>(
  command: Watched,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
  { clock, timeoutMs, signal }: CallLimits,
): Promise<Result<T, CallError>> {
  const deadline = new AbortController();
  const timer = clock.timer(timeoutMs, () => deadline.abort(new Error(`no answer within ${timeoutMs} ms`)));
  const either = AbortSignal.any([signal, deadline.signal]);
  let isSent = false;
  // The SDK does not stop fetching credentials when it is told to. Whatever it does later, nothing leaves after the deadline.
  const watch = (next: (args: unknown) => Promise<unknown>) => async (args: unknown) => {
    either.throwIfAborted();
    isSent = true;
    return bounded(await next(args));
  };
  command.middlewareStack.add(watch as never, { step: 'deserialize', priority: 'low', name: 'watch' });
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(either.reason);
  either.addEventListener('abort', stop, { once: true });
  try {
    either.throwIfAborted();
    return ok(await Promise.race([send({ abortSignal: either }), stopped.promise]));
  } catch (error) {
    return err({ error, isSent: isSent && !isUnconnected(error) });
  } finally {
    either.removeEventListener('abort', stop);
    timer.stop();
  }
}

/** What answered is not Route 53, or not in a form that can be read. */
export function unreadableAnswer(what: string): CallError {
  return { error: unreadable(what), isSent: true };
}

function unreadable(what: string): Error {
  return Object.assign(new Error(what), { $metadata: { httpStatusCode: 200 } });
}

/** A full page of the largest sets that one name can have is a few megabytes. */
const ANSWER_MAX_BYTES = 16 * 1_048_576;

/** The SDK reads an answer to its end, however long it is. */
function bounded(result: unknown): unknown {
  const { response } = result as { readonly response?: { body?: unknown } };
  if (!(response?.body instanceof Readable)) return result;
  let bytes = 0;
  const limiter = new Transform({
    transform: (chunk: Buffer, _, done) => {
      bytes += chunk.length;
      if (bytes > ANSWER_MAX_BYTES) done(unreadable(`the answer is longer than ${ANSWER_MAX_BYTES} bytes`));
      else done(null, chunk);
    },
  });
  // Whoever reads the limited stream is told of an error; here there is nothing left to do about it.
  response.body = pipeline(response.body, limiter, () => {});
  return result;
}

function isUnconnected(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isUnconnected);
  if (!(error instanceof Error)) return false;
  const { code, syscall, name } = error as Error & { readonly code?: unknown; readonly syscall?: unknown };
  if (name === 'TimeoutError' && code === undefined) return true;
  return syscall === 'connect' || syscall === 'getaddrinfo' || UNSENT.has(`${code}`);
}
