// One connection to a database server, as the engines offer it to what they share.
export type Row = Readonly<Record<string, unknown>>;

export type SqlLink = {
  /**
   * Sends one text, which may hold several statements, in one round trip. Resolves with the rows of each statement that has
   * rows, in order; rejects with SqlFailure. One text at a time.
   */
  readonly query: (text: string) => Promise<readonly (readonly Row[])[]>;
  /** False once the connection is known to be gone. */
  readonly isOpen: () => boolean;
  /** Ends the connection at once, with whatever is on its way. Safe to repeat. */
  readonly destroy: () => void;
  /** Calls `listener` whenever the server sends word of its own accord, and when the connection ends. */
  readonly onNews: (listener: () => void) => void;
};

/** The answer, or the signal's reason as soon as it aborts. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
