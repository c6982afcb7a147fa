// How `init --force` and `recover` keep everybody else out while they write: a mark in the cluster's record that no prober runs
// beside (S4), and a term above every controller's, so that none of them commits any more (S8). What was begun and cut off stays
// marked, and is repeated.
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Guard, Store, StoreEntry } from '../ports/store.ts';
import { type ClusterRecord, describeRebuild, findRecord, type Rebuild } from './cluster-record.ts';

export type BeganRebuild = {
  /** The record as it was, without the mark. */
  readonly before: ClusterRecord;
  /** Of the mark: a second run of the command takes it over, and then no commit of the first succeeds. */
  readonly guards: readonly Guard[];
  /** The record of the term that stands now. */
  readonly term: TermFields;
};

/** What else the record of a term says (whom a successor waits for, S9) is carried along unread. */
export type TermFields = Readonly<Record<string, unknown>> & { readonly term: number };

/** A controller that resigns or campaigns at this moment changes the term that was read. */
const ATTEMPTS = 5;

/**
 * Marks the record and takes the term away. Throws ONEUP_STORE_NOT_INITIALISED, ONEUP_STORE_REBUILDING for `recover` of what
 * `init` has half deleted, and ONEUP_STORE_LOST when others were quicker or the outcome is unknown; then it is safe to repeat.
 */
export async function beginRebuild(
  store: Store,
  cluster: string,
  { by, token, termAbove }: Rebuild & { readonly termAbove: number },
): Promise<BeganRebuild> {
  const keys = storeKeys(cluster);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const found = await findRecord(store, cluster);
    if (by === 'recover' && found.rebuild?.by === 'init')
      throw new OneupError('ONEUP_STORE_REBUILDING', describeRebuild(cluster, found.rebuild));
    const termEntry = await store.get(keys.term);
    const before = termFieldsOf(termEntry);
    const term = { ...before, term: 1 + Math.max(before.term, termAbove) };
    const marked = { ...found.record, rebuild: { by, token } satisfies Rebuild };
    await store.commit({
      guards: [{ kind: 'version', key: keys.meta, version: found.version }, stands(keys.term, termEntry)],
      writes: [
        { kind: 'put', key: keys.meta, value: JSON.stringify(marked) },
        { kind: 'put', key: keys.term, value: JSON.stringify(term) },
        { kind: 'delete', key: keys.controller },
      ],
      token: `${token}-begin-${attempt}`,
    });
    // Whatever the answer was: the token tells whether this mark stands (S6).
    const now = await findRecord(store, cluster);
    if (now.rebuild?.token === token)
      return { before: found.record, guards: [{ kind: 'version', key: keys.meta, version: now.version }], term };
  }
  throw rebuildLost(cluster, by);
}

export function rebuildLost(cluster: string, by: Rebuild['by']): OneupError {
  const [what, command] = by === 'init' ? ['overwrite', 'oneup init --force'] : ['recover', 'oneup recover'];
  return new OneupError('ONEUP_STORE_LOST', `Cannot ${what} cluster: the commit failed, value was ${cluster}`, {
    remedy: `Run ${command} again; only one of them at a time`,
  });
}

function stands(key: string, entry: StoreEntry | null): Guard {
  return entry === null ? { kind: 'absent', key } : { kind: 'version', key, version: entry.version };
}

/** A bare number is a term that nobody held; what cannot be read counts as nothing, for it is about to be replaced. */
function termFieldsOf(entry: StoreEntry | null): TermFields {
  try {
    const value: unknown = JSON.parse(entry?.value ?? '0');
    const fields = typeof value === 'object' && value !== null ? { ...value } : { term: value };
    const term = 'term' in fields ? fields.term : 0;
    return { ...fields, term: typeof term === 'number' && Number.isSafeInteger(term) ? term : 0 };
  } catch {
    return { term: 0 };
  }
}
