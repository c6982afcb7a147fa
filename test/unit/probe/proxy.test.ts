// Checks through real proxies (tinyproxy, microsocks), and through ones that refuse, lie, stand still or are gone: what the
// proxy says of the node counts, what it says of itself never does (S22).
import assert from 'node:assert/strict';
import { createServer as createHttp } from 'node:http';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { createServer as createTls } from 'node:tls';
import { Secret } from '../../../src/base/secret.ts';
import type { CheckTarget, ProxyTarget } from '../../../src/config/check-target.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { listening, look, rawServer } from '../../support/look.ts';
import { createAuthority } from '../../support/servers/certificates.ts';
import { by, LOGIN, STARTERS } from '../../support/servers/proxies.ts';

function web(port: number, proxy: ProxyTarget, change: object = {}): CheckTarget {
  const rest = { method: 'GET', headers: [], status: [[200, 200]], bodyContains: 'hello', verifyTls: true } as const;
  return { kind: 'http', url: `http://127.0.0.1:${port}/`, ...rest, proxy, ...change };
}

for (const kind of ['http', 'socks5'] as const) {
  describe(`through a real ${kind} proxy`, () => {
    test('http, tcp and tls checks pass, with the time of each phase', async () => {
      const authority = createAuthority();
      await using proxy = await STARTERS[kind](false);
      await using site = await listening(createHttp((_, response) => response.end('hello')));
      await using secure = await listening(createTls({ ...authority.certify(['IP:127.0.0.1']) }));
      const way = by(kind, proxy.port);
      const result = await look(web(site.port, way));
      assert.equal(result.kind, 'pass', JSON.stringify(result));
      assert.deepEqual(Object.keys(result.phases), ['resolve', 'connect', 'firstByte', 'body']);
      const tcp = await look({ kind: 'tcp', host: '127.0.0.1', port: site.port, proxy: way });
      assert.equal(tcp.kind, 'pass', JSON.stringify(tcp));
      const tls = { ca: authority.ca, serverName: null, verify: true };
      const target = {
        kind: 'tls',
        host: '127.0.0.1',
        port: secure.port,
        tls,
        minDaysToExpiry: 1,
        proxy: way,
      } as const;
      const shaken = await look(target);
      assert.equal(shaken.kind, 'pass', JSON.stringify(shaken));
    });

    test('a name is resolved by the proxy', async () => {
      await using proxy = await STARTERS[kind](false);
      await using site = await listening(createHttp((_, response) => response.end('hello')));
      const result = await look(web(site.port, by(kind, proxy.port), { url: `http://localhost:${site.port}/` }));
      assert.equal(result.kind, 'pass', JSON.stringify(result));
    });

    test('a login is used, and one that is refused is an error of ours without the password', async () => {
      await using proxy = await STARTERS[kind](true);
      await using site = await listening(createHttp((_, response) => response.end('hello')));
      assert.equal((await look(web(site.port, by(kind, proxy.port, LOGIN)))).kind, 'pass');
      for (const login of [{}, { ...LOGIN, password: new Secret('wrong-Secret-8') }]) {
        const result = await look(web(site.port, by(kind, proxy.port, login)));
        assert.equal(result.kind, 'error', JSON.stringify(result));
        assert.ok(!JSON.stringify(result).includes('Secret'));
      }
    });

    test('a node that is silent behind the proxy fails, and how far it got is not known', async () => {
      await using proxy = await STARTERS[kind](false);
      await using hole = await openBlackHole();
      // Time for the proxy to be reached: before that the silence would be its own.
      const result = await look(web(hole.port, by(kind, proxy.port)), 3_000);
      assert.ok(result.kind === 'fail', JSON.stringify(result));
      assert.equal(result.reach, 'unknown');
    });

    test('a proxy that is gone or a black hole is an error (S22)', async () => {
      await using hole = await openBlackHole();
      const silent = await look(web(1, by(kind, hole.port)), 400);
      assert.ok(silent.kind === 'error', JSON.stringify(silent));
      assert.match(silent.reason, new RegExp(`at the ${kind} proxy 127\\.0\\.0\\.1`));
      const gone = await rawServer(() => {});
      await gone[Symbol.asyncDispose]();
      assert.equal((await look(web(1, by(kind, gone.port)))).kind, 'error');
    });

    test('a proxy that hangs up, resets, floods or talks nonsense is an error (S22)', async () => {
      const talks: readonly ((socket: Socket) => void)[] = [
        (socket) => socket.end(),
        (socket) => socket.once('data', () => socket.end()),
        (socket) => socket.once('data', () => socket.resetAndDestroy()),
        (socket) => socket.write('220 mail.example.com ESMTP\r\n'),
        (socket) => socket.write(Buffer.alloc(100, 0xff)),
        (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`),
      ];
      for (const [index, talk] of talks.entries()) {
        await using proxy = await rawServer(talk);
        const result = await look(web(1, by(kind, proxy.port)), 2_000);
        assert.equal(result.kind, 'error', `${index}: ${JSON.stringify(result)}`);
      }
    });
  });
}

describe('what proxies say of the node', () => {
  test('a SOCKS5 proxy says refused: the node was reached', async () => {
    await using proxy = await STARTERS.socks5(false);
    const site = await rawServer(() => {});
    await site[Symbol.asyncDispose]();
    const result = await look(web(site.port, by('socks5', proxy.port)));
    assert.ok(result.kind === 'fail', JSON.stringify(result));
    assert.deepEqual([result.phase, result.reach], ['connect', 'reached']);
  });

  const replies = {
    1: 'error',
    2: 'error',
    3: 'fail',
    4: 'fail',
    5: 'fail',
    6: 'fail',
    7: 'error',
    8: 'error',
  } as const;
  for (const [reply, kind] of Object.entries(replies)) {
    test(`SOCKS5 reply ${reply} is a ${kind}`, async () => {
      await using proxy = await rawServer((socket) => {
        socket.once('data', () => {
          socket.write(Buffer.from([5, 0]));
          socket.once('data', () => socket.write(Buffer.from([5, Number(reply), 0, 1, 0, 0, 0, 0, 0, 0])));
        });
      });
      assert.equal((await look(web(1, by('socks5', proxy.port)))).kind, kind);
    });
  }

  const statuses = {
    400: 'error',
    403: 'error',
    407: 'error',
    500: 'error',
    502: 'fail',
    503: 'fail',
    504: 'fail',
  } as const;
  for (const [status, kind] of Object.entries(statuses)) {
    test(`status ${status} to CONNECT is a ${kind}`, async () => {
      await using proxy = await rawServer((socket) => {
        socket.once('data', () => socket.write(`HTTP/1.1 ${status} Words\r\n\r\n`));
      });
      assert.equal((await look(web(1, by('http', proxy.port)))).kind, kind);
    });
  }
});
