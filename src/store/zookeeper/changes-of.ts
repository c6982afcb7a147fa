// What a watch tells of one commit: its writes in their order, then the keys that ended with a session, in key order.
import type { Change } from '../store-backend.ts';
import type { KeyIndex } from './key-index.ts';
import type { LogRecord, LogWrite } from './log-record.ts';

export type Put = Extract<LogWrite, { kind: 'put' }>;

/** To be asked before the index takes the record in. `textOf` knows the text of a value, wherever it lies. */
export function changesOf(
  record: LogRecord,
  {
    revision,
    index,
    textOf,
  }: { readonly revision: number; readonly index: KeyIndex; readonly textOf: (put: Put) => string },
): readonly Change[] {
  const written = record.writes.map((write): Change => {
    if (write.kind === 'delete') return { kind: 'delete', key: write.key, revision };
    const sessionId = write.session?.id ?? null;
    const entry = Object.freeze({ key: write.key, value: textOf(write), version: revision, sessionId });
    return { kind: 'put', entry, revision };
  });
  if (record.session?.kind !== 'ended') return written;
  const ended = index.keysOf(record.session.name);
  return [...written, ...ended.map((key): Change => ({ kind: 'delete', key, revision }))];
}
