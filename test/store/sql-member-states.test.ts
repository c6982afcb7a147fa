// What `status` shows of database servers: which takes writes, which only reads, who is gone within the deadline, and no secret.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { askMysqlMembers } from '../../src/store/mysql/mysql-members.ts';
import { askPostgresMembers } from '../../src/store/postgres/postgres-members.ts';
import { openBlackHole } from '../support/black-hole.ts';
import { mysqlAccess } from '../support/mysql-world.ts';
import { postgresAccess } from '../support/postgres-world.ts';
import { createAuthority } from '../support/servers/certificates.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { startMariadbServer } from '../support/servers/mariadb-server.ts';
import { startPostgresServer } from '../support/servers/postgres-server.ts';

const clock = createSystemClock();
const TIMEOUT_MS = 5_000;
const HOST = '127.0.0.1';
const SECRET = 'wrong-Secret-9';
const limits = { clock, timeoutMs: TIMEOUT_MS, signal: new AbortController().signal };

/** Makes a standby of it at its next start: one that has nobody to follow. */
const BECOME_STANDBY = `DO $$ BEGIN
  EXECUTE format('COPY (SELECT 1) TO %L', current_setting('data_directory') || '/standby.signal');
END $$`;

const ENGINES = [
  { name: 'postgres', start: startPostgresServer, access: postgresAccess, ask: askPostgresMembers },
  { name: 'mysql', start: startMariadbServer, access: mysqlAccess, ask: askMysqlMembers },
] as const;

for (const { name, start, access, ask } of ENGINES) {
  describe(`${name}: its servers`, () => {
    test('each is shown as it is; who refuses, swallows everything, or lets nobody in is told apart, without a secret', async () => {
      await using server = await start();
      await using hole = await openBlackHole();
      const [dead = 0] = await freePorts(1);
      const endpoints = [dead, server.port, hole.port].map((port) => ({ host: HOST, port }));
      const shared = { ...access(server), endpoints };
      const rows = await ask(shared, limits);
      assert.deepEqual(
        rows.map(({ name, state, reason }) => [name, state, reason]),
        [
          [`${HOST}:${dead}`, 'silent', 'connection refused'],
          [`${HOST}:${server.port}`, 'primary', null],
          [`${HOST}:${hole.port}`, 'silent', `no answer within ${TIMEOUT_MS} ms`],
        ],
      );
      assert.match(rows[1]?.version ?? '', /^\d+\.\d+/);
      const wrong = await ask({ ...access(server), password: SECRET }, limits);
      assert.equal(wrong[0]?.state, 'refuses');
      assert.match(wrong[0]?.reason ?? '', /denied|failed/);
      assert.doesNotMatch(JSON.stringify(wrong), /Secret/);
      const tls = { ca: createAuthority().ca, cert: null, key: null, serverName: null };
      assert.equal((await ask({ ...access(server), tls }, limits))[0]?.state, 'refuses');
    });

    test('over TLS', async () => {
      const authority = createAuthority();
      await using server = await start({ tls: authority.certify(['IP:127.0.0.1']) });
      const tls = { ca: authority.ca, cert: null, key: null, serverName: null };
      assert.equal((await ask({ ...access(server), tls }, limits))[0]?.state, 'primary');
      const stranger = { ...tls, ca: createAuthority().ca };
      const [row] = await ask({ ...access(server), tls: stranger }, limits);
      assert.equal(row?.state, 'refuses');
      assert.match(row?.reason ?? '', /certificate/);
    });
  });
}

test('a server of PostgreSQL that only reads, one that forgets, and one in recovery', async () => {
  await using server = await startPostgresServer({ settings: ['default_transaction_read_only=on'] });
  assert.equal((await askPostgresMembers(postgresAccess(server), limits))[0]?.state, 'readOnly');
  await using loose = await startPostgresServer({ settings: ['fsync=off'] });
  const [forgets] = await askPostgresMembers(postgresAccess(loose), limits);
  assert.deepEqual([forgets?.state, forgets?.reason], ['primary', 'fsync is off: it forgets commits']);
  await loose.run(BECOME_STANDBY);
  await loose.killAndRestart();
  const [standby] = await askPostgresMembers(postgresAccess(loose), limits);
  assert.deepEqual([standby?.state, standby?.reason], ['follows', 'in recovery']);
});

test('a server of MariaDB that only reads, and one that forgets; to ask leaves no trace of lost connections', async () => {
  await using server = await startMariadbServer();
  const access = mysqlAccess(server);
  await server.run('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
  const [forgets] = await askMysqlMembers(access, limits);
  assert.equal(forgets?.state, 'primary');
  assert.match(forgets?.reason ?? '', /forgets commits/);
  await server.run('SET GLOBAL read_only = 1');
  assert.equal((await askMysqlMembers(access, limits))[0]?.state, 'readOnly');
  const aborted =
    "SELECT SUM(variable_value) INTO @n FROM information_schema.global_status WHERE variable_name = 'ABORTED_CLIENTS'";
  const isNone =
    "BEGIN NOT ATOMIC IF @n > 0 THEN SIGNAL SQLSTATE '45000' SET message_text = 'lost connections'; END IF; END";
  await server.run(`${aborted}; ${isNone}`);
});
