// The MySQL engine keeps the contract of stores, on a real MariaDB server that all of these tests share.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { type MysqlWorlds, startMysqlWorlds } from '../support/mysql-world.ts';
import { describeStoreContract } from './store.ts';

const shared: { worlds: MysqlWorlds | null } = { worlds: null };

before(async () => {
  shared.worlds = await startMysqlWorlds();
});
after(() => shared.worlds?.[Symbol.asyncDispose]());

describeStoreContract('mysql store', () => shared.worlds?.makeWorld() ?? assert.fail('the server did not start'));
