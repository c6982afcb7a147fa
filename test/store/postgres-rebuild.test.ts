// A cluster is begun anew on a real PostgreSQL, which all of these tests share (S4, S8).
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type PostgresWorlds, startPostgresWorlds } from '../support/postgres-world.ts';
import { rebuildTests } from './rebuild-tests.ts';

const shared: { worlds: PostgresWorlds | null } = { worlds: null };

before(async () => {
  shared.worlds = await startPostgresWorlds();
});
after(() => shared.worlds?.[Symbol.asyncDispose]());

rebuildTests('postgres', async () => shared.worlds?.makeWorld() ?? assert.fail('the server did not start'));
