// The counter of the store: every commit raises it by one, so that commits are serial (S5). It is read after a `sync`, on the
// same connection, because a server may lag behind the others.
import { type Asking, ask } from './ask-each.ts';
import { getData, sync } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import { corrupt, isCount, textOf } from './stored-shape.ts';
import type { ZnodePaths } from './znode-paths.ts';

export type Head = { readonly revision: number; readonly version: number; readonly modifiedMs: number };

/** Leaves a watch on the head: its event says that there may be something new. */
export async function readHead(asking: Asking, paths: ZnodePaths): Promise<Head> {
  const [synced, read] = await Promise.all([ask(asking, sync(paths.root)), ask(asking, getData(paths.head, true))]);
  if (synced.code !== CODE.ok) throw refusal(synced.code, 'read the latest state');
  if (read.value === null) throw refusal(read.code, 'read the head of the store');
  const { data, stat } = read.value;
  const text = textOf(data, paths.head);
  if (!/^\d{1,16}$/.test(text) || !isCount(Number(text))) throw corrupt(paths.head, 'the head is no revision');
  return { revision: Number(text), version: stat.version, modifiedMs: stat.modifiedMs };
}
