// The recipes that take a node's login of a database away, against real servers: not off before, off after, unknown when the
// server cannot be asked (S18). A lock with a session left is not off, and what a poor login cannot see is no answer.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { openExecBench } from '../support/exec-bench.ts';
import { expectFenced, expectState, FENCE_PASSWORD } from '../support/expect-fence.ts';
import { RECIPES, recipeLevel } from '../support/fencing-recipe.ts';
import { startMariadbServer } from '../support/servers/mariadb-server.ts';
import { POSTGRES_DATABASE, type PostgresServer, startPostgresServer } from '../support/servers/postgres-server.ts';

type Changes = readonly (readonly [from: string, to: string])[];

describe('fence by the login of a database', { concurrency: 2 }, () => {
  test('postgres-role: locked, its sessions ended, and the other node left alone', async (t) => {
    await using server = await startPostgresServer({ settings: ['max_prepared_transactions=2'] });
    await using bench = await openExecBench();
    const logins = ['web_a', 'web_b', 'oneup_fence createrole'].map(
      (role) => `create role ${role} login password '${FENCE_PASSWORD}';`,
    );
    await server.run(`${logins.join(' ')} grant pg_signal_backend to oneup_fence;`);
    const file = bench.path('fence.pgpass');
    const passAs = (password: string) =>
      writeFileSync(file, `127.0.0.1:${server.port}:*:oneup_fence:${password}\n`, { mode: 0o600 });
    passAs(FENCE_PASSWORD);
    const places: Changes = [
      ['db.example.com', '127.0.0.1'],
      ['"5432"', `"${server.port}"`],
      ['/etc/oneup/fence.pgpass', file],
    ];
    const level = recipeLevel('postgres-role.yaml', places);
    bench.actions.fence = [level];
    const nodeA = await openPostgres(server.port, 'web_a');
    const nodeB = await openPostgres(server.port, 'web_b');

    await t.test('not off before', () => expectState(bench, 'notOff', /"open"/));
    await t.test('a lock with a session left is not off', async () => {
      await server.run('alter role web_a nologin');
      await expectState(bench, 'notOff', /"busy"/);
      await server.run('alter role web_a login');
    });
    await t.test('off after: no session, no way back in', async () => {
      await expectFenced(bench, 1);
      await expectState(bench, 'off', /"locked"/);
      await assert.rejects(nodeA.query('select 1'));
      await assert.rejects(openPostgres(server.port, 'web_a'), { code: '28000' });
      assert.equal((await nodeB.query('select 1')).rowCount, 1);
    });
    await t.test('a prepared transaction that could still be committed is not off', async () => {
      await server.run('alter role web_a login');
      const writer = await openPostgres(server.port, 'web_a');
      await writer.query("begin; select pg_advisory_xact_lock_shared(7); prepare transaction 'late'");
      await writer.end();
      await server.run('alter role web_a nologin');
      await expectState(bench, 'notOff', /"busy"/);
      await server.run("rollback prepared 'late'");
      await expectState(bench, 'off', /"locked"/);
    });
    await t.test('open again after release', async () => {
      assert.ok(level.act.driver === 'exec');
      const env = level.act.command.env.map(([name, value]) => [name, value.reveal()]);
      runScript([join(RECIPES, 'postgres-role.sh'), 'release', 'web_a'], Object.fromEntries(env));
      await expectState(bench, 'notOff', /"open"/);
      await (await openPostgres(server.port, 'web_a')).end();
    });
    await t.test('unknown: no such role, a wrong password', async () => {
      bench.actions.fence = [recipeLevel('postgres-role.yaml', [...places, ['web_{node.id}', 'nobody']])];
      await expectState(bench, 'error', /there is no such role/);
      bench.actions.fence = [level];
      passAs('wrong');
      await expectState(bench, 'error', /password authentication failed/);
      passAs(FENCE_PASSWORD);
    });
    await t.test('unknown: a server that is a standby now, is silent, or is gone', async () => {
      await nodeB.end();
      writeFileSync(join(await dataDirectory(server), 'standby.signal'), '');
      await server.killAndRestart();
      await expectState(bench, 'error', /this server is a standby, ask the primary/);
      server.setStopped(true);
      await expectState(bench, 'error', /timeout expired/);
      await server.kill();
      await expectState(bench, 'error', /Connection refused/);
    });
  });

  test('mariadb-account: locked, its connections ended, and the other node left alone', async (t) => {
    await using server = await startMariadbServer();
    await using bench = await openExecBench();
    const users = ["web_a@'%'", "web_a@'10.%'", "web_b@'%'", "oneup_fence@'%'"];
    for (const user of users) await server.run(`create user ${user} identified by '${FENCE_PASSWORD}'`);
    // Only root may pass rights on; it has no password on a server of a test.
    const root = await openMariadb(server.port, 'root', '');
    await root.query("grant create user, connection admin on *.* to oneup_fence@'%'");
    await root.query("grant select on mysql.global_priv to oneup_fence@'%'");
    const file = bench.path('fence.cnf');
    const logIn = `[client]\nhost=127.0.0.1\nport=${server.port}\nuser=oneup_fence\n`;
    const passAs = (password: string) => writeFileSync(file, `${logIn}password=${password}\n`, { mode: 0o600 });
    passAs(FENCE_PASSWORD);
    const places: Changes = [['/etc/oneup/fence.cnf', file]];
    const level = recipeLevel('mariadb-account.yaml', places);
    bench.actions.fence = [level];
    const nodeA = await openMariadb(server.port, 'web_a');
    const nodeB = await openMariadb(server.port, 'web_b');

    await t.test('unknown for a login that sees only its own connections', async () => {
      await expectState(bench, 'error', /grant PROCESS/);
      await root.query("grant process on *.* to oneup_fence@'%'");
      await root.end();
    });
    await t.test('not off before', () => expectState(bench, 'notOff', /"open"/));
    await t.test('a lock of one host of the account is not off', async () => {
      await server.run("alter user web_a@'%' account lock");
      await expectState(bench, 'notOff', /"open"/);
    });
    await t.test('a lock with a connection left is not off', async () => {
      await server.run("alter user web_a@'10.%' account lock");
      await expectState(bench, 'notOff', /"busy"/);
      await server.run("alter user web_a@'%', web_a@'10.%' account unlock");
    });
    await t.test('off after: no connection, no way back in', async () => {
      await expectFenced(bench, 1);
      await expectState(bench, 'off', /"locked"/);
      await assert.rejects(nodeA.query('select 1'));
      await assert.rejects(openMariadb(server.port, 'web_a'), /Access denied, this account is locked/);
      await nodeB.query('select 1');
      // Once more, with nobody connected: a fence that is repeated is no failure.
      await expectFenced(bench, 2);
    });
    await t.test('open again after release', async () => {
      runScript([join(RECIPES, 'mariadb-account.sh'), 'release', 'web_a', file]);
      await expectState(bench, 'notOff', /"open"/);
      await (await openMariadb(server.port, 'web_a')).end();
    });
    await t.test('unknown: no such account, a wrong password, a server that is silent or gone', async () => {
      bench.actions.fence = [recipeLevel('mariadb-account.yaml', [...places, ['web_{node.id}', 'nobody']])];
      await expectState(bench, 'error', /there is no account nobody/);
      bench.actions.fence = [level];
      passAs('wrong');
      await expectState(bench, 'error', /Access denied/);
      passAs(FENCE_PASSWORD);
      await nodeB.end();
      server.setStopped(true);
      await expectState(bench, 'error', /Lost connection.*handshake|timed? ?out/i);
      await server.kill();
      await expectState(bench, 'error', /Can't connect/);
    });
  });
});

/** By hand, as the recipe says. */
function runScript(argv: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const [program = '', ...words] = argv;
  const done = spawnSync(program, words, {
    ...{ encoding: 'utf8', timeout: 30_000 },
    env: { PATH: process.env.PATH, ...env },
  });
  assert.equal(done.status, 0, done.stderr);
}

async function dataDirectory(server: PostgresServer): Promise<string> {
  const client = await server.client();
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  await client.end();
  return rows[0]?.data_directory ?? '';
}

async function openPostgres(port: number, user: string): Promise<Client> {
  const client = new Client({ host: '127.0.0.1', port, user, password: FENCE_PASSWORD, database: POSTGRES_DATABASE });
  // Whoever is fenced hears of it as an error of its connection.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function openMariadb(port: number, user: string, password = FENCE_PASSWORD): ReturnType<typeof createConnection> {
  const client = await createConnection({ host: '127.0.0.1', port, user, password });
  client.on('error', () => undefined);
  return client;
}
