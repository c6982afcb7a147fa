// PostgreSQL as a store when things go wrong, and what only it has: hints, and settings that a store cannot live with.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { escapeIdentifier } from 'pg';
import { openPostgresBackend, openPostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import { connectPostgres } from '../../src/store/postgres/postgres-link.ts';
import { postgresAccess } from '../support/postgres-world.ts';
import { type PostgresServer, startPostgresServer } from '../support/servers/postgres-server.ts';
import { commit, follow, mustGet, put } from '../support/store-calls.ts';
import { type EngineUnderTest, PATIENCE_MS, storeOptions, until } from './postgres-and-mysql-engine.ts';
import { loginTests, strangerTests, tlsTests } from './postgres-and-mysql-login.ts';
import { killTests, outageTests } from './postgres-and-mysql-outage.ts';
import { refusalTests } from './postgres-and-mysql-refusals.ts';
import { tableTests } from './postgres-and-mysql-tables.ts';

/** AuthenticationOk and ReadyForQuery. */
const GREETING = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

const ENGINE: EngineUnderTest = {
  name: 'postgres',
  start: startPostgresServer,
  access: postgresAccess,
  openStore: openPostgresStore,
  openBackend: openPostgresBackend,
  connect: connectPostgres,
  counter,
  spoilCounter: (cluster) =>
    `ALTER TABLE ${counter(cluster)} DROP CONSTRAINT counter_revision_check; UPDATE ${counter(cluster)} SET revision = -5`,
  greeting: GREETING,
  // A way to log in that nobody knows.
  unreadable: Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99]),
  lockEntries: (cluster) => `BEGIN; LOCK TABLE ${escapeIdentifier(`oneup_${cluster}`)}.entries`,
  refuseCommits,
  refusals: [
    ['40001', 'ONEUP_STORE_UNREACHABLE'],
    ['40P01', 'ONEUP_STORE_UNREACHABLE'],
    ['42501', 'ONEUP_STORE_DENIED'],
    ['53100', 'ONEUP_STORE_FULL'],
    ['54000', 'ONEUP_STORE_LIMIT'],
    ['55P03', 'ONEUP_STORE_BUSY'],
    ['22P02', 'ONEUP_STORE_CORRUPT'],
    ['57014', 'unknown'],
    ['58030', 'unknown'],
    ['XX000', 'unknown'],
  ],
  tryAgain: '40001',
};

describe('PostgreSQL', () => {
  let server: PostgresServer;
  before(async () => {
    server = await startPostgresServer();
  });
  after(() => server?.[Symbol.asyncDispose]());

  loginTests(ENGINE, () => server);
  tableTests(ENGINE, () => server);
  refusalTests(ENGINE, () => server);
  outageTests(ENGINE, () => server);

  describe('postgres: hints', () => {
    test('a change of another client is seen long before the next poll, also after the connection was lost', async () => {
      const options = storeOptions(ENGINE, server, { pollMs: 10 * 60_000 });
      await using a = await openPostgresStore(options);
      await using b = await openPostgresStore(options);
      await using watch = follow(b, '/', 0);
      const isSeen = (key: string) => () =>
        watch.events.some((event) => event.kind === 'put' && event.entry.key === key);
      await put(a, '/one', '1');
      await until('the first change is seen', isSeen('/one'));
      await server.run(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND pid <> pg_backend_pid()`,
      );
      await put(a, '/two', '1');
      await until('the second change is seen', isSeen('/two'));
      await put(a, '/three', '1');
      await until('the third change is seen', isSeen('/three'));
    });
  });

  describe('postgres: settings', () => {
    test('every connection has limits, and commits to the disk', async () => {
      const access = postgresAccess(server);
      const [endpoint = assert.fail('no endpoint')] = access.endpoints;
      const { signal } = new AbortController();
      const link = await connectPostgres(endpoint, { login: access, statementTimeoutMs: 1_234, signal });
      try {
        const names = [
          'statement_timeout',
          'lock_timeout',
          'idle_in_transaction_session_timeout',
          'synchronous_commit',
        ];
        const [rows = []] = await link.query(`SELECT ${names.map((name) => `current_setting('${name}') AS ${name}`)}`);
        assert.deepEqual(
          names.map((name) => rows[0]?.[name]),
          ['1234ms', '617ms', '1234ms', 'on'],
        );
      } finally {
        link.destroy();
      }
    });

    test('a user whose commits are not synchronous gets them so', async () => {
      await server.run('ALTER ROLE oneup SET synchronous_commit = off');
      try {
        const access = postgresAccess(server);
        const [endpoint = assert.fail('no endpoint')] = access.endpoints;
        const { signal } = new AbortController();
        const link = await connectPostgres(endpoint, { login: access, statementTimeoutMs: 1_000, signal });
        const [rows = []] = await link.query(`SELECT current_setting('synchronous_commit') AS now`);
        link.destroy();
        assert.equal(rows[0]?.now, 'on');
      } finally {
        await server.run('ALTER ROLE oneup RESET synchronous_commit');
      }
    });

    test('a server that is read-only is refused, and the next endpoint taken', async () => {
      await using readOnly = await startPostgresServer({ settings: ['default_transaction_read_only=on'] });
      await assert.rejects(openPostgresStore(storeOptions(ENGINE, readOnly)), {
        code: 'ONEUP_STORE_UNREACHABLE',
        message: /read-only/,
      });
      const endpoints = [readOnly, server].map(({ port }) => ({ host: '127.0.0.1', port }));
      await using store = await openPostgresStore(storeOptions(ENGINE, server, { endpoints }));
      await put(store, '/k', '1');
    });

    test('a server that runs with fsync off is refused', async () => {
      await using forgetful = await startPostgresServer({ settings: ['fsync=off'] });
      await assert.rejects(openPostgresStore(storeOptions(ENGINE, forgetful)), {
        code: 'ONEUP_STORE_UNREACHABLE',
        message: /fsync/,
      });
    });

    test('a commit that was kept from waiting for its standby is a doubt, although it is on this server', async () => {
      await using lonely = await startPostgresServer();
      await using store = await openPostgresStore(storeOptions(ENGINE, lonely, { callTimeoutMs: PATIENCE_MS }));
      await put(store, '/k', '1');
      await lonely.run(`ALTER SYSTEM SET synchronous_standby_names = 'absent'`);
      await lonely.run('SELECT pg_reload_conf()');
      const state = { isOver: false };
      const doubt = (async () => {
        for (let count = 0; ; count++) {
          const result = await commit(store, { writes: [{ kind: 'put', key: '/k', value: String(count) }] });
          if (result.kind === 'unknown') return result.cause.message;
        }
      })().finally(() => {
        state.isOver = true;
      });
      await until('the commit no longer waits', async () => {
        await lonely.run(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
        return state.isOver;
      });
      assert.match(await doubt, /synchronous replication/);
      assert.notEqual((await mustGet(store, '/k')).value, '1');
    });
  });
});

tlsTests(ENGINE);
strangerTests(ENGINE);
killTests(ENGINE);

function refuseCommits(cluster: string, state: string, times: number): string {
  const schema = escapeIdentifier(`oneup_${cluster}`);
  return `CREATE SEQUENCE ${schema}.attempts;
    CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('${schema}.attempts') <= ${times} THEN RAISE EXCEPTION 'made up' USING ERRCODE = '${state}'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON ${schema}.tokens FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse()`;
}

function counter(cluster: string): string {
  return `${escapeIdentifier(`oneup_${cluster}`)}.counter`;
}
