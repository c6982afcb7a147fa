// Births, beats and ends of sessions at one revision, and the sweeping of what an end could not take along (S5).
//
// A beat is a commit like any other, so it takes a place in the log: six sessions that renew every three seconds fill two
// thousand revisions in a quarter of an hour. That is how far back a watch can begin and a token can be found; both are asked
// for within seconds, and a watch that comes later lists again.
import type { SessionName, SessionRow } from '../store-backend.ts';
import { writeSession } from './data-record.ts';
import type { KeyIndex } from './key-index.ts';
import { NO_CHANGE, type SessionChange } from './log-record.ts';
import { NO_TEXTS, type PlannedChange, type PlannedWrite } from './planned-change.ts';
import type { Change } from './questions.ts';
import type { StoreLayout } from './store-layout.ts';

/** Paths of znodes that one commit deletes, in bytes; a packet holds twice as much. */
const PATHS_BYTES_MAX = 256 * 1024;
/** What a deletion takes beside its path. */
const DELETE_BYTES = 32;

type Here = { readonly index: KeyIndex; readonly layout: StoreLayout };

export function planBirth(
  { id, ttlMs }: { readonly id: string; readonly ttlMs: number },
  { index, layout }: Here,
): PlannedChange<SessionRow | null> {
  if (index.sessionById(id) !== null) return { kind: 'refused', value: null };
  const revision = index.revision + 1;
  const row = { id, incarnation: revision, beat: revision, ttlMs };
  const change: Change = {
    kind: 'create',
    path: layout.paths.sessionOf(id),
    data: writeSession(row),
    owner: layout.owner,
  };
  return planned({ kind: 'born', id, ttlMs }, [change], row);
}

export function planBeat(name: SessionName, { index, layout }: Here): PlannedChange<boolean> {
  const row = index.session(name);
  if (row === null) return { kind: 'refused', value: false };
  const data = writeSession({ ...row, beat: index.revision + 1 });
  const change: Change = { kind: 'setData', path: layout.paths.sessionOf(row.id), data, version: -1 };
  return planned({ kind: 'beat', name: nameOf(row) }, [change], true);
}

/** With a beat only while it still stands: a renewal that came in between defeats the end (S5). */
export function planEnd(name: SessionName, beat: number | null, { index, layout }: Here): PlannedChange<boolean> {
  const row = index.session(name);
  if (row === null || (beat !== null && row.beat !== beat)) return { kind: 'refused', value: false };
  const keys = index.keysOf(row);
  const paths = fitting(keys.map(layout.paths.dataOf));
  const leftFrom = keys[paths.length] ?? null;
  const own: Change = { kind: 'delete', path: layout.paths.sessionOf(row.id), version: -1 };
  const frees = keys.flatMap((key) => index.get(key)?.blob ?? []);
  const plan = planned({ kind: 'ended', name: nameOf(row), leftFrom }, [own, ...paths.map(deletion)], true);
  return { ...plan, record: { ...plan.record, frees } };
}

/** Deletes znodes of keys that are gone already. */
export function planSweep({ index, layout }: Here): PlannedChange<boolean> {
  const orphans = index.orphans();
  if (orphans.length === 0) return { kind: 'refused', value: false };
  const paths = fitting(orphans.map(layout.paths.dataOf));
  const plan = planned(null, paths.map(deletion), true);
  return { ...plan, record: { ...plan.record, swept: orphans.slice(0, paths.length) } };
}

function planned<T>(session: SessionChange | null, changes: readonly Change[], value: T): PlannedWrite<T> {
  return { kind: 'write', record: { ...NO_CHANGE, session }, changes, blobs: [], texts: NO_TEXTS, value };
}

function nameOf({ id, incarnation }: SessionRow): SessionName {
  return { id, incarnation };
}

function deletion(path: string): Change {
  return { kind: 'delete', path, version: -1 };
}

/** As many of the first paths as one packet takes. */
function fitting(paths: readonly string[]): readonly string[] {
  let bytes = 0;
  const end = paths.findIndex((path) => {
    bytes += path.length + DELETE_BYTES;
    return bytes > PATHS_BYTES_MAX;
  });
  return end < 0 ? paths : paths.slice(0, end);
}
