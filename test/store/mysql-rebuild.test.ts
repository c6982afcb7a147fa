// A cluster is begun anew on a real MariaDB, which all of these tests share (S4, S8).
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type MysqlWorlds, startMysqlWorlds } from '../support/mysql-world.ts';
import { rebuildTests } from './rebuild-tests.ts';

const shared: { worlds: MysqlWorlds | null } = { worlds: null };

before(async () => {
  shared.worlds = await startMysqlWorlds();
});
after(() => shared.worlds?.[Symbol.asyncDispose]());

rebuildTests('mysql', async () => shared.worlds?.makeWorld() ?? assert.fail('the server did not start'));
