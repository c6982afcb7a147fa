// The root znode of a cluster: which schema lies below it, and an id that tells this store from one made later in its place.
// Only `init` makes it (S4).
import { randomUUID } from 'node:crypto';
import { OneupError } from '../../base/oneup-error.ts';
import { type Asking, ask } from './ask-each.ts';
import { type Change, getData, multi, single, sync } from './questions.ts';
import { CODE, refusal } from './reply-codes.ts';
import type { StoreLayout } from './store-layout.ts';
import { corrupt, isText, objectOf, textOf } from './stored-shape.ts';

/** Raised when the meaning of any znode changes. */
const SCHEMA = 1;

/** The id of the store, or null when there is none. Throws ONEUP_STORE_NEWER, _DENIED or _CORRUPT. */
export async function readRoot(asking: Asking, { paths }: StoreLayout): Promise<string | null> {
  // A server that lags behind may not know the root that another one has made.
  const [, read] = await Promise.all([ask(asking, sync(paths.parent)), ask(asking, getData(paths.root))]);
  if (read.code === CODE.noNode) return null;
  if (read.value === null) throw refusal(read.code, `read ${paths.root}`);
  const { schema, id } = objectOf(textOf(read.value.data, paths.root), paths.root);
  if (typeof schema === 'number' && schema > SCHEMA) {
    throw new OneupError(
      'ONEUP_STORE_NEWER',
      `Cannot read ${paths.root}: its schema is ${SCHEMA} here, value was ${schema}`,
    );
  }
  if (schema !== SCHEMA || !isText(id)) throw corrupt(paths.root, 'the root is no root of a cluster');
  return id;
}

/** Makes the root and what belongs below it, all at once. Harmless when somebody else was quicker. */
export async function createRoot(asking: Asking, { paths, owner }: StoreLayout): Promise<void> {
  const make = (path: string, data: string): Change => ({ kind: 'create', path, data: Buffer.from(data), owner });
  const parent = await ask(asking, single(make(paths.parent, '')));
  if (parent.code !== CODE.ok && parent.code !== CODE.nodeExists) throw refusal(parent.code, `create ${paths.parent}`);
  const root = JSON.stringify({ schema: SCHEMA, id: randomUUID() });
  const folders = [paths.log, paths.data, paths.session, paths.blob];
  const changes = [make(paths.root, root), make(paths.head, '0'), ...folders.map((path) => make(path, ''))];
  const { code, value } = await ask(asking, multi(changes));
  const failure = value?.failed?.code ?? code;
  if (failure !== CODE.ok && failure !== CODE.nodeExists) throw refusal(failure, `create ${paths.root}`);
}
