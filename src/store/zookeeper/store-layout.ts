// What everybody who reads or writes below one cluster shares: its paths, whose znodes they are, and how far the log reaches.
import { createHash } from 'node:crypto';
import type { Owner } from './questions.ts';
import { type ZnodePaths, znodePaths } from './znode-paths.ts';

export type Identity = { readonly username: string; readonly password: string };

export type StoreLayout = {
  readonly paths: ZnodePaths;
  readonly owner: Owner;
  readonly logRevisionsMax: number;
};

export function storeLayout(cluster: string, identity: Identity | null, logRevisionsMax: number): StoreLayout {
  return { paths: znodePaths(cluster), owner: ownerOf(identity), logRevisionsMax };
}

/** With a user only that user has any right; without one the network alone keeps others out. */
function ownerOf(identity: Identity | null): Owner {
  if (identity === null) return { scheme: 'world', id: 'anyone' };
  const { username, password } = identity;
  // The digest that ZooKeeper's own scheme prescribes; the server keeps it in place of the password.
  const digest = createHash('sha1').update(`${username}:${password}`).digest('base64');
  return { scheme: 'digest', id: `${username}:${digest}` };
}
