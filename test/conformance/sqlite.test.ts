// The SQLite engine keeps the contract of stores.
import { makeSqliteWorld } from '../support/sqlite-world.ts';
import { describeStoreContract } from './store.ts';

describeStoreContract('sqlite store', makeSqliteWorld);
