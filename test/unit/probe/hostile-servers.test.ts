// What every kind over TCP makes of servers that say nothing, too much, nonsense, or go away: a failure of the node in time,
// never a crash, and no password in the reason.
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import type { CheckTarget } from '../../../src/config/check-target.ts';
import type { ProbeResult } from '../../../src/health/probe-result.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { look, rawServer } from '../../support/look.ts';

/** The connection stands by then, also where a client has to be loaded first on a busy machine. */
const CONNECTED_MS = 1_500;
const PASSWORD = 'pass-Word-77';
const login = { username: 'probe', password: new Secret(PASSWORD) };
const tls = { ca: null, serverName: null, verify: false };

type At = (port: number) => CheckTarget;
const sql = { ...login, host: '127.0.0.1', database: 'd', query: 'select 1', expect: '1', waitMs: 500 };

const KINDS: Readonly<Record<string, At>> = {
  http: (port) => ({
    kind: 'http',
    url: `http://127.0.0.1:${port}/`,
    method: 'GET',
    headers: [['authorization', new Secret(PASSWORD)]],
    status: [[200, 200]],
    bodyContains: 'never there',
    verifyTls: true,
  }),
  tls: (port) => ({ kind: 'tls', host: '127.0.0.1', port, tls, minDaysToExpiry: null, proxy: null }),
  grpc: (port) => ({ kind: 'grpc', host: '127.0.0.1', port, service: '', tls: null }),
  'grpc over TLS': (port) => ({ kind: 'grpc', host: '127.0.0.1', port, service: '', tls }),
  postgres: (port) => ({ kind: 'postgres', port, tls: null, ...sql }),
  'postgres over TLS': (port) => ({ kind: 'postgres', port, tls, ...sql }),
  mysql: (port) => ({ kind: 'mysql', port, tls: null, ...sql }),
  redis: (port) => ({ kind: 'redis', host: '127.0.0.1', port, ...login, tls: null, role: 'primary' }),
  'redis over TLS': (port) => ({ kind: 'redis', host: '127.0.0.1', port, ...login, tls, role: null }),
};

function flood(socket: Socket, head: Buffer): void {
  socket.write(head);
  const more = () => {
    while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 0x20)));
  };
  socket.on('drain', more);
  more();
}

/** Beginnings that make a reader wait for more: a message of 2 GiB for postgres, of 16 MiB for mysql, a long header. */
const HEADS: Readonly<Record<string, Buffer>> = {
  postgres: Buffer.from([0x52, 0x7f, 0xff, 0xff, 0xff]),
  mysql: Buffer.from([0xff, 0xff, 0xff, 0]),
  redis: Buffer.from('$60000\r\n'),
  http: Buffer.from('HTTP/1.1 200 OK\r\n\r\n'),
};

function assertFailed(result: ProbeResult, reach: string): void {
  assert.equal(result.kind, 'fail', JSON.stringify(result));
  assert.ok(result.kind === 'fail');
  assert.equal(result.reach, reach, result.reason);
  assert.ok(!JSON.stringify(result).includes(PASSWORD));
  assert.ok(result.reason.length < 800);
}

for (const [name, at] of Object.entries(KINDS)) {
  describe(`${name} and a hostile server`, () => {
    test('silence after the connection fails at the deadline', async () => {
      await using server = await rawServer(() => {});
      const result = await look(at(server.port), CONNECTED_MS);
      assertFailed(result, 'reached');
      assert.ok(result.phases.connect !== undefined);
    });

    test('a black hole is not reached', async () => {
      await using hole = await openBlackHole();
      assertFailed(await look(at(hole.port), 400), 'unreached');
    });

    test('a refused connection is an answer of the host', async () => {
      const server = await rawServer(() => {});
      await server[Symbol.asyncDispose]();
      assertFailed(await look(at(server.port)), 'reached');
    });

    test('a hang-up fails at once', async () => {
      await using server = await rawServer((socket) => socket.end());
      assertFailed(await look(at(server.port)), 'reached');
    });

    test('a reset fails at once', async () => {
      await using server = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
      const isSpeakingFirst = name.startsWith('mysql');
      assertFailed(await look(at(server.port), isSpeakingFirst ? CONNECTED_MS : undefined), 'reached');
    });

    test('garbage of any kind fails', async () => {
      for (const garbage of GARBAGE) {
        await using server = await rawServer((socket) => {
          socket.write(garbage);
          socket.on('data', () => socket.write(garbage));
        });
        assertFailed(await look(at(server.port), CONNECTED_MS), 'reached');
      }
    });

    test('a flood without end is cut off before it costs memory', async () => {
      const before = process.memoryUsage().rss;
      await using server = await rawServer((socket) => {
        flood(socket, HEADS[name.split(' ')[0] ?? ''] ?? Buffer.alloc(0));
      });
      assertFailed(await look(at(server.port), 15_000), 'reached');
      assert.ok(process.memoryUsage().rss - before < 200_000_000);
    });
  });
}

const GARBAGE: readonly Buffer[] = [
  Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
  Buffer.alloc(300, 0xff),
  Buffer.alloc(300, 0x00),
  Buffer.from(Array.from({ length: 1_000 }, (_, index) => (index * 7_919 + 13) % 256)),
  Buffer.from('*1000\r\n*1000\r\n*1000\r\n*1000\r\n*1000\r\n*1\r\n'),
  Buffer.from('-ERR max number of clients reached\r\n'),
  // PostgreSQL: an authentication of an unknown kind; then a server error without fields.
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99]),
  Buffer.from([0x45, 0, 0, 0, 5, 0]),
  // MySQL: a hello of protocol 10 that ends in its version.
  Buffer.from([3, 0, 0, 0, 10, 0x35, 0x2e]),
];
