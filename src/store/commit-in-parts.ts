// More writes than one commit takes, for `init` and `recover`: the data in parts, and what makes it count in the last commit. A
// crash in between leaves what nobody goes by, and the command can be repeated.
import type { Guard, Store, StoreWrite } from '../ports/store.ts';

/** Up to this many go in one commit, with room for a few more: every engine takes 4,096. */
const WHOLE_MAX = 4_000;
/** Small enough that nobody waits long behind one of them. */
const PART_SIZE = 1_000;

export type PartedCommit = {
  /** Each entry stays whole. */
  readonly data: readonly (readonly StoreWrite[])[];
  /** What makes the data count. */
  readonly last: readonly StoreWrite[];
  readonly token: string;
};

export type PartedResult = { readonly kind: 'committed' } | { readonly kind: 'conflict' } | UnknownResult;
type UnknownResult = { readonly kind: 'unknown'; readonly cause: Error };

/** Whether it needs more than one commit; then the guards must keep others from writing meanwhile. */
function needsParts({ data, last }: Omit<PartedCommit, 'token'>): boolean {
  return data.reduce((sum, writes) => sum + writes.length, last.length) > WHOLE_MAX;
}

/** Every commit is guarded by `guards`, so whoever comes between ends it. */
export async function commitInParts(
  store: Store,
  guards: readonly Guard[],
  commit: PartedCommit,
): Promise<PartedResult> {
  const { data, last, token } = commit;
  if (!needsParts(commit)) return settle(store, { guards, writes: [...data.flat(), ...last], token });
  for (const [at, writes] of partsOf(data).entries()) {
    const result = await settle(store, { guards, writes, token: `${token}-${at}` });
    if (result.kind !== 'committed') return result;
  }
  return settle(store, { guards, writes: last, token });
}

function partsOf(data: PartedCommit['data']): readonly (readonly StoreWrite[])[] {
  const parts: StoreWrite[][] = [[]];
  for (const writes of data) {
    const part = parts.at(-1) ?? [];
    if (part.length > 0 && part.length + writes.length > PART_SIZE) parts.push([...writes]);
    else part.push(...writes);
  }
  return parts;
}

/** S6: an unknown outcome is settled by the token. */
async function settle(store: Store, request: Parameters<Store['commit']>[0]): Promise<PartedResult> {
  const result = await store.commit(request);
  if (result.kind === 'unknown' && (await store.outcomeOf(request.token)) === 'committed') return { kind: 'committed' };
  return result;
}
