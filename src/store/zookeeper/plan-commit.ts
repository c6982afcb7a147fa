// A commit at one revision: do its guards hold, and which znodes does it change (S5)?
import { assertNever } from '../../base/assert-never.ts';
import type { CommitRequest, CommitResult, Guard, StoreWrite } from '../../ports/store.ts';
import type { BlobRef } from './blob-ref.ts';
import { writeData } from './data-record.ts';
import type { KeyIndex } from './key-index.ts';
import { type LogWrite, NO_CHANGE } from './log-record.ts';
import type { PlannedChange } from './planned-change.ts';
import type { Change } from './questions.ts';
import type { StoreLayout } from './store-layout.ts';

/** Where the large values of a commit lie, by key. */
export type PlacedValues = ReadonlyMap<string, BlobRef>;

export type CommitPlan = PlannedChange<Exclude<CommitResult, { kind: 'unknown' }>>;

type Here = { readonly index: KeyIndex; readonly layout: StoreLayout; readonly placed: PlacedValues };

/** Throws RangeError for a token that was written before. */
export function planCommit({ guards, writes, token }: CommitRequest, here: Here): CommitPlan {
  const { index, placed } = here;
  if (index.hasToken(token)) throw new RangeError(`Cannot commit: a token is used once, value was ${token}`);
  const failed = [...guards, ...impliedGuards(writes)].find((guard) => !holds(guard, index));
  if (failed !== undefined) return { kind: 'refused', value: { kind: 'conflict', guard: failed } };
  const revision = index.revision + 1;
  // Deleting what is not there is no change, and not to be told by a watch.
  const effective = writes.filter(({ kind, key }) => kind === 'put' || index.get(key) !== undefined);
  const frees = effective.flatMap(({ key }) => index.get(key)?.blob ?? []);
  const logged = effective.map((write) => toLogWrite(write, here));
  return {
    kind: 'write',
    record: { ...NO_CHANGE, token, writes: logged, frees },
    changes: logged.map((write) => toChange(write, revision, here)),
    blobs: [...placed.values()],
    texts: new Map(writes.flatMap((write) => (write.kind === 'put' ? [[write.key, write.value] as const] : []))),
    value: { kind: 'committed', revision },
  };
}

/** A key bound to a session may be put only while the session is alive (S5). */
function impliedGuards(writes: readonly StoreWrite[]): readonly Guard[] {
  return writes.flatMap((write) =>
    write.kind === 'put' && write.sessionId !== undefined ? [{ kind: 'sessionAlive', sessionId: write.sessionId }] : [],
  );
}

function holds(guard: Guard, index: KeyIndex): boolean {
  switch (guard.kind) {
    case 'absent':
      return index.get(guard.key) === undefined;
    case 'version':
      return index.get(guard.key)?.version === guard.version;
    case 'sessionAlive':
      return index.sessionById(guard.sessionId) !== null;
    default:
      return assertNever(guard);
  }
}

function toLogWrite(write: StoreWrite, { index, placed }: Here): LogWrite {
  if (write.kind === 'delete') return { kind: 'delete', key: write.key };
  const { key, value, sessionId } = write;
  const row = sessionId === undefined ? null : index.sessionById(sessionId);
  const session = row === null ? null : { id: row.id, incarnation: row.incarnation };
  return { kind: 'put', key, session, value: placed.get(key) ?? value };
}

function toChange(write: LogWrite, version: number, { index, layout }: Here): Change {
  const path = layout.paths.dataOf(write.key);
  if (write.kind === 'delete') return { kind: 'delete', path, version: -1 };
  const data = writeData({ version, session: write.session, value: write.value });
  // A key that went with its session may have left its znode behind.
  const isThere = index.get(write.key) !== undefined || index.isOrphan(write.key);
  return isThere ? { kind: 'setData', path, data, version: -1 } : { kind: 'create', path, data, owner: layout.owner };
}
