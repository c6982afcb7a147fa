// The PostgreSQL engine keeps the contract of stores, on a real server that all of these tests share.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type PostgresWorlds, startPostgresWorlds } from '../support/postgres-world.ts';
import { describeStoreContract } from './store.ts';

const shared: { worlds: PostgresWorlds | null } = { worlds: null };

before(async () => {
  shared.worlds = await startPostgresWorlds();
});
after(() => shared.worlds?.[Symbol.asyncDispose]());

describeStoreContract('postgres store', () => shared.worlds?.makeWorld() ?? assert.fail('the server did not start'));
