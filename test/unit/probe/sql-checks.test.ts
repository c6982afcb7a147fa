// PostgreSQL and MySQL checks against real servers: let in, refused, queries that pass, fail and hang, TLS, and the end of a
// server in the middle.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import type { SqlTarget } from '../../../src/config/check-target.ts';
import { look } from '../../support/look.ts';
import { manglingRelay } from '../../support/mangling-relay.ts';
import { type Authority, createAuthority } from '../../support/servers/certificates.ts';
import {
  MARIADB_DATABASE,
  MARIADB_PASSWORD,
  MARIADB_USER,
  type MariadbServer,
  startMariadbServer,
} from '../../support/servers/mariadb-server.ts';
import {
  POSTGRES_DATABASE,
  POSTGRES_PASSWORD,
  POSTGRES_USER,
  type PostgresServer,
  startPostgresServer,
} from '../../support/servers/postgres-server.ts';

const REST = { host: '127.0.0.1', tls: null, query: null, expect: null, waitMs: 15_000 } as const;

function postgres(port: number, change: object = {}): SqlTarget {
  const login = { database: POSTGRES_DATABASE, username: POSTGRES_USER, password: new Secret(POSTGRES_PASSWORD) };
  return { kind: 'postgres', port, ...REST, ...login, ...change };
}

function mysql(port: number, change: object = {}): SqlTarget {
  const login = { database: MARIADB_DATABASE, username: MARIADB_USER, password: new Secret(MARIADB_PASSWORD) };
  return { kind: 'mysql', port, ...REST, ...login, ...change };
}

type Engine = {
  readonly name: string;
  readonly start: (tls: ReturnType<Authority['certify']>) => Promise<PostgresServer | MariadbServer>;
  readonly target: typeof postgres;
  readonly roleQuery: string;
  readonly role: string;
  readonly slow: string;
  readonly wrong: string;
  readonly denied: string;
};

const ENGINES: readonly Engine[] = [
  {
    name: 'postgres',
    start: (tls) => startPostgresServer({ tls }),
    target: postgres,
    roleQuery: 'select pg_is_in_recovery()',
    role: 'false',
    slow: 'select pg_sleep(30)',
    wrong: 'selec 1',
    denied: 'set role nobody_at_all; select 1',
  },
  {
    name: 'mysql',
    start: (tls) => startMariadbServer({ tls }),
    target: mysql,
    roleQuery: 'select @@global.read_only',
    role: '0',
    slow: 'select sleep(30)',
    wrong: 'selec 1',
    denied: 'select * from no_such_table',
  },
];

for (const { name, start, target, roleQuery, role, slow, wrong, denied } of ENGINES) {
  describe(`${name} check`, () => {
    let server: PostgresServer | MariadbServer;
    const authority = createAuthority();
    before(async () => {
      server = await start(authority.certify(['DNS:db.example.com', 'IP:127.0.0.1']));
    });
    after(async () => server[Symbol.asyncDispose]());

    test('being let in passes, and so does a query with its value', async () => {
      const alone = await look(target(server.port));
      assert.equal(alone.kind, 'pass', JSON.stringify(alone));
      assert.deepEqual(Object.keys(alone.phases), ['resolve', 'connect', 'firstByte', 'body']);
      assert.equal((await look(target(server.port, { query: roleQuery }))).kind, 'pass');
      const asked = await look(target(server.port, { query: roleQuery, expect: role }));
      assert.equal(asked.kind, 'pass', JSON.stringify(asked));
    });

    test('another value, no row and a query that fails are failures', async () => {
      const other = await look(target(server.port, { query: roleQuery, expect: 'other' }));
      assert.ok(other.kind === 'fail');
      assert.match(other.reason, /the query gave ".*", expected "other"/);
      const none = await look(target(server.port, { query: 'select 1 where 1 = 0', expect: '1' }));
      assert.ok(none.kind === 'fail');
      assert.match(none.reason, /gave no row/);
      assert.equal((await look(target(server.port, { query: denied }))).kind, 'fail');
    });

    test('a refused login and a query that is none are errors of ours, without the password (S22)', async () => {
      for (const change of [
        { password: new Secret('wrong-Secret-9') },
        { password: null },
        { username: 'nobody_known' },
        { query: wrong },
      ]) {
        const result = await look(target(server.port, change));
        assert.equal(result.kind, 'error', JSON.stringify([Object.keys(change), result]));
        assert.ok(!JSON.stringify(result).includes('Secret'), JSON.stringify(result));
      }
    });

    test('a slow query fails at the deadline, and the server ends it soon after', async () => {
      const result = await look(target(server.port, { query: slow, waitMs: 1_500 }), 600);
      assert.ok(result.kind === 'fail', JSON.stringify(result));
      assert.deepEqual([result.phase, result.reach], ['body', 'reached']);
      const limited = await look(target(server.port, { query: slow, waitMs: 300, expect: '0' }));
      assert.equal(limited.kind, 'fail', JSON.stringify(limited));
      assert.match(limited.reason, /timeout|interrupted|max_statement_time|the query gave/);
    });

    test('an answer that is too long fails', async () => {
      const result = await look(target(server.port, { query: "select repeat('x', 5000000)", expect: 'x' }));
      assert.ok(result.kind === 'fail', JSON.stringify(result));
      assert.ok(result.reason.length < 600);
    });

    test('TLS is checked, by the name and the authority that were given', async () => {
      const tls = { ca: authority.ca, serverName: null, verify: true };
      const good = await look(target(server.port, { tls, query: roleQuery, expect: role }));
      assert.equal(good.kind, 'pass', JSON.stringify(good));
      const named = await look(target(server.port, { tls: { ...tls, serverName: 'db.example.com' } }));
      assert.equal(named.kind, 'pass', JSON.stringify(named));
      for (const bad of [
        { ...tls, ca: null },
        { ...tls, serverName: 'other.example.com' },
      ]) {
        const result = await look(target(server.port, { tls: bad }));
        assert.ok(result.kind === 'fail', JSON.stringify(result));
        assert.match(result.reason, /certificate/);
      }
      const blind = { ca: null, serverName: 'other.example.com', verify: false };
      assert.equal((await look(target(server.port, { tls: blind }))).kind, 'pass');
    });

    test('a server whose bytes come changed, cut or doubled ends no process, and shows no password', async () => {
      for (let seed = 1; seed <= 60; seed += 1) {
        await using relay = await manglingRelay(server.port, seed);
        const tls = seed % 2 === 0 ? { ca: authority.ca, serverName: null, verify: true } : null;
        const result = await look(target(relay.port, { tls, query: roleQuery, expect: role }), 400);
        assert.ok(!JSON.stringify(result).includes('Secret'), `seed ${seed}: ${JSON.stringify(result)}`);
      }
    });

    test('a server that stands still or is gone fails', async () => {
      server.setStopped(true);
      const still = await look(target(server.port), 1_500);
      server.setStopped(false);
      assert.ok(still.kind === 'fail');
      assert.equal(still.reach, 'reached');
      await server.kill();
      assert.equal((await look(target(server.port))).kind, 'fail');
    });
  });
}
