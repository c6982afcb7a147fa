// What can go wrong between a client and the memory engine, so that tests meet every outcome of the contract.
import type { OneupError } from '../../base/oneup-error.ts';
import type { CommitResult } from '../../ports/store.ts';
import type { StoreBackend } from '../store-backend.ts';

export type MemoryFaults = {
  /** Asked before every call that reaches the engine: an error is thrown instead, and nothing is sent. */
  readonly before: (call: keyof StoreBackend) => OneupError | null;
  /** Asked once per commit: does the client hear the answer, or not, and was the commit written all the same? */
  readonly fateOfCommit: () => 'answered' | 'writtenUnanswered' | 'droppedUnanswered';
};

export const NO_FAULTS: MemoryFaults = { before: () => null, fateOfCommit: () => 'answered' };

/** `engine` as a client with such a line to it sees it. */
export function withFaults(engine: StoreBackend, { before, fateOfCommit }: MemoryFaults): StoreBackend {
  function ask<T>(call: keyof StoreBackend, run: () => T): T {
    const fault = before(call);
    if (fault !== null) throw fault;
    return run();
  }
  return {
    kind: engine.kind,
    revision: () => ask('revision', () => engine.revision()),
    get: (key) => ask('get', () => engine.get(key)),
    list: (prefix) => ask('list', () => engine.list(prefix)),
    commit: (request) =>
      ask('commit', (): CommitResult => {
        const fate = fateOfCommit();
        if (fate === 'answered') return engine.commit(request);
        if (fate === 'writtenUnanswered') engine.commit(request);
        return { kind: 'unknown', cause: new Error('The answer to the commit was lost') };
      }),
    outcomeOf: (token) => ask('outcomeOf', () => engine.outcomeOf(token)),
    changesAfter: (prefix, cursor) => ask('changesAfter', () => engine.changesAfter(prefix, cursor)),
    sessions: () => ask('sessions', () => engine.sessions()),
    insertSession: (session) => ask('insertSession', () => engine.insertSession(session)),
    renewSession: (session) => ask('renewSession', () => engine.renewSession(session)),
    removeSession: (session, beat) => ask('removeSession', () => engine.removeSession(session, beat)),
    close: () => {},
  };
}
