// MariaDB as a store when things go wrong, and what only these servers have: the size of a packet, and settings that a store
// cannot live with.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { escapeId } from 'mysql2';
import { connectMysql } from '../../src/store/mysql/mysql-link.ts';
import { openMysqlBackend, openMysqlStore } from '../../src/store/mysql/open-mysql-store.ts';
import { mysqlAccess } from '../support/mysql-world.ts';
import { type MariadbServer, startMariadbServer } from '../support/servers/mariadb-server.ts';
import { commit, put } from '../support/store-calls.ts';
import { type EngineUnderTest, storeOptions } from './postgres-and-mysql-engine.ts';
import { loginTests, strangerTests, tlsTests } from './postgres-and-mysql-login.ts';
import { killTests, outageTests } from './postgres-and-mysql-outage.ts';
import { refusalTests } from './postgres-and-mysql-refusals.ts';
import { tableTests } from './postgres-and-mysql-tables.ts';

/** Version 10 of the handshake, as an old server sends it, and an OK. */
const HANDSHAKE = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('5.5.5-test\0'),
  Buffer.from([1, 0, 0, 0]),
  Buffer.from('12345678\0'),
  Buffer.from([0xff, 0xf7, 8, 2, 0, 0x3f, 0x80, 21]),
  Buffer.alloc(10),
  Buffer.from('123456789012\0mysql_native_password\0'),
]);
const GREETING = Buffer.concat([
  Buffer.from([HANDSHAKE.length, 0, 0, 0]),
  HANDSHAKE,
  Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]),
]);

const ENGINE: EngineUnderTest = {
  name: 'mysql',
  start: startMariadbServer,
  access: mysqlAccess,
  openStore: openMysqlStore,
  openBackend: openMysqlBackend,
  connect: connectMysql,
  counter,
  spoilCounter: (cluster) => `SET check_constraint_checks = 0; UPDATE ${counter(cluster)} SET revision = -5`,
  greeting: GREETING,
  // A handshake that ends after its version.
  unreadable: Buffer.from([3, 0, 0, 0, 10, 53, 0]),
  lockEntries: (cluster) => `LOCK TABLES ${escapeId(`oneup_${cluster}_entries`, true)} WRITE`,
  refuseCommits,
  refusals: [
    ['1213', 'ONEUP_STORE_UNREACHABLE'],
    ['1205', 'ONEUP_STORE_BUSY'],
    ['1142', 'ONEUP_STORE_DENIED'],
    ['1114', 'ONEUP_STORE_FULL'],
    ['1153', 'ONEUP_STORE_LIMIT'],
    ['1290', 'ONEUP_STORE_UNREACHABLE'],
    ['1366', 'ONEUP_STORE_CORRUPT'],
    ['1180', 'unknown'],
    ['1317', 'unknown'],
    ['1969', 'unknown'],
  ],
  tryAgain: '1213',
};

describe('MariaDB', () => {
  let server: MariadbServer;
  before(async () => {
    server = await startMariadbServer();
  });
  after(() => server?.[Symbol.asyncDispose]());

  loginTests(ENGINE, () => server);
  tableTests(ENGINE, () => server);
  refusalTests(ENGINE, () => server);
  outageTests(ENGINE, () => server);

  describe('mysql: settings', () => {
    test('every connection has limits', async () => {
      const access = mysqlAccess(server);
      const [endpoint = assert.fail('no endpoint')] = access.endpoints;
      const { signal } = new AbortController();
      const link = await connectMysql(endpoint, { login: access, statementTimeoutMs: 4_000, signal });
      try {
        const names = ['innodb_lock_wait_timeout', 'idle_transaction_timeout', 'max_statement_time', 'tx_isolation'];
        const [rows = []] = await link.query(`SELECT ${names.map((name) => `@@${name} AS ${name}`).join(', ')}`);
        assert.deepEqual(
          names.map((name) => String(rows[0]?.[name])),
          ['2', '4', '4', 'READ-COMMITTED'],
        );
      } finally {
        link.destroy();
      }
    });

    test('a commit larger than the server takes is refused before it is sent, naming the setting', async () => {
      await using small = await startMariadbServer({ settings: ['--max-allowed-packet=1M'] });
      await using store = await openMysqlStore(storeOptions(ENGINE, small));
      const value = 'x'.repeat(1024 * 1024);
      await assert.rejects(put(store, '/k', value), {
        code: 'ONEUP_STORE_LIMIT',
        message: /max_allowed_packet is \d+, and a commit needs \d+/,
      });
      await put(store, '/k', 'small');
    });

    test('the largest commit of a store is refused by what the server takes, or made', async () => {
      await using store = await openMysqlStore(storeOptions(ENGINE, server, { callTimeoutMs: 30_000 }));
      const put16 = Array.from({ length: 16 }, (_, index) => `/k/${index}`);
      const writes = put16.map((key) => ({ kind: 'put', key, value: '"'.repeat(1024 * 1024) }) as const);
      await assert.rejects(commit(store, { writes }), { code: 'ONEUP_STORE_LIMIT' });
      assert.equal((await commit(store, { writes: writes.slice(0, 7) })).kind, 'committed');
      assert.equal((await store.list('/k/')).entries.length, 7);
    });

    test('a server that is read-only is refused, and the next endpoint taken', async () => {
      await using readOnly = await startMariadbServer({ settings: ['--read-only'] });
      await assert.rejects(openMysqlStore(storeOptions(ENGINE, readOnly)), {
        code: 'ONEUP_STORE_UNREACHABLE',
        message: /read-only/,
      });
      const endpoints = [readOnly, server].map(({ port }) => ({ host: '127.0.0.1', port }));
      await using store = await openMysqlStore(storeOptions(ENGINE, server, { endpoints }));
      await put(store, '/k', '1');
    });

    test('a server that does not flush its commits is refused', async () => {
      await using forgetful = await startMariadbServer({ settings: ['--innodb-flush-log-at-trx-commit=2'] });
      await assert.rejects(openMysqlStore(storeOptions(ENGINE, forgetful)), {
        code: 'ONEUP_STORE_UNREACHABLE',
        message: /innodb_flush_log_at_trx_commit/,
      });
    });
  });
});

tlsTests(ENGINE);
strangerTests(ENGINE);
killTests(ENGINE);

/** A table without transactions remembers the attempts that were undone. */
function refuseCommits(cluster: string, number: string, times: number): string {
  const attempts = escapeId(`oneup_${cluster}_attempts`, true);
  return `CREATE TABLE ${attempts} (seen INT NOT NULL) ENGINE = MyISAM; INSERT INTO ${attempts} VALUES (0);
    CREATE TRIGGER ${escapeId(`refuse_${cluster}`, true)} BEFORE INSERT ON ${escapeId(`oneup_${cluster}_tokens`, true)}
    FOR EACH ROW BEGIN
      UPDATE ${attempts} SET seen = seen + 1;
      IF (SELECT seen FROM ${attempts}) <= ${times} THEN
        SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = ${number}, MESSAGE_TEXT = 'made up';
      END IF;
    END`;
}

function counter(cluster: string): string {
  return escapeId(`oneup_${cluster}_counter`, true);
}
