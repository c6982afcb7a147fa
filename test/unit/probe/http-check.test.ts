// Servers that answer well, badly, slowly or never: every one is a real listener on loopback.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Secret } from '../../../src/base/secret.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import type { CheckTarget } from '../../../src/config/config.ts';
import type { ProbeResult } from '../../../src/health/probe-result.ts';
import { httpCheck } from '../../../src/probe/http-check.ts';
import { openBlackHole } from '../../support/black-hole.ts';

type HttpTarget = Extract<CheckTarget, { kind: 'http' }>;

const DEFAULTS = {
  kind: 'http',
  method: 'GET',
  headers: [],
  status: [[200, 299]],
  bodyContains: null,
  verifyTls: true,
} as const;

const clock = createSystemClock();
/** A busy machine takes its time. */
const PATIENT_MS = 20_000;
/** The connection stands by then, and what follows is waited for no longer. */
const CONNECTED_MS = 1_000;

async function check(url: string, change: Partial<HttpTarget> = {}, timeoutMs = PATIENT_MS): Promise<ProbeResult> {
  const { result } = await httpCheck(
    { ...DEFAULTS, url, ...change },
    { clock, signal: AbortSignal.timeout(timeoutMs) },
  );
  return result;
}

async function listen(server: Server): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function web(listener: RequestListener) {
  return listen(createHttp(listener));
}

function raw(talk: (socket: Socket) => void) {
  return listen(createTcp(talk));
}

function assertFail(result: ProbeResult, phase: string, reach: string, reason: RegExp): void {
  assert.equal(result.kind, 'fail', JSON.stringify(result));
  assert.ok(result.kind === 'fail');
  assert.deepEqual([result.phase, result.reach], [phase, reach]);
  assert.match(result.reason, reason);
}

describe('httpCheck', () => {
  test('passes on an accepted status, with the time of each phase', async () => {
    await using server = await web((_, response) => setTimeout(() => response.end('hello'), 50));
    const result = await check(`http://127.0.0.1:${server.port}/`);
    assert.equal(result.kind, 'pass');
    assert.deepEqual(Object.keys(result.phases), ['resolve', 'connect', 'firstByte', 'body']);
    assert.ok((result.phases.firstByte ?? 0) >= 40);
  });

  test('sends method, path, query, host and configured headers', async () => {
    let seen = '';
    await using server = await web((request, response) => {
      const { method, url, headers } = request;
      seen = `${method} ${url} ${headers.host} ${headers['x-token']} ${headers.connection}`;
      response.end();
    });
    const headers = [['X-Token', new Secret('t0ken')]] as const;
    assert.equal((await check(`http://127.0.0.1:${server.port}/a?b=c`, { method: 'HEAD', headers })).kind, 'pass');
    assert.equal(seen, `HEAD /a?b=c 127.0.0.1:${server.port} t0ken close`);
  });

  test('a wrong status fails, and redirects are not followed', async () => {
    await using server = await web((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    const result = await check(`http://127.0.0.1:${server.port}/`);
    assertFail(result, 'firstByte', 'reached', /status was 302, expected 200-299/);
    assert.equal((await check(`http://127.0.0.1:${server.port}/`, { status: [[302, 302]] })).kind, 'pass');
  });

  test('wants its text in the first 64 KiB of the body', async () => {
    await using server = await web((request, response) => {
      response.write('x'.repeat(request.url === '/far' ? 70_000 : 60_000));
      response.end('all is well');
    });
    const near = `http://127.0.0.1:${server.port}/near`;
    assert.equal((await check(near, { bodyContains: 'all is well' })).kind, 'pass');
    assertFail(await check(near, { bodyContains: 'all is ill' }), 'body', 'reached', /lack "all is ill"/);
    const far = await check(`http://127.0.0.1:${server.port}/far`, { bodyContains: 'all is well' });
    assertFail(far, 'body', 'reached', /first 64 KiB/);
  });

  test('a body without end is read for 64 KiB and no further', async () => {
    let sent = 0;
    await using server = await web((_, response) => {
      const more = () => {
        while (!response.destroyed && sent < 500_000_000 && response.write(Buffer.alloc(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    assert.equal((await check(`http://127.0.0.1:${server.port}/`)).kind, 'pass');
    assert.ok(sent < 50_000_000, `${sent} bytes sent`);
  });

  test('silence after the connection fails as first byte, a slow header too', async () => {
    await using silent = await raw(() => {});
    assertFail(
      await check(`http://127.0.0.1:${silent.port}/`, {}, CONNECTED_MS),
      'firstByte',
      'reached',
      /before the deadline/,
    );
    await using slow = await raw((socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 200 OK'.charAt(socket.bytesWritten)), 20);
      socket.once('close', () => clearInterval(drip));
    });
    assertFail(
      await check(`http://127.0.0.1:${slow.port}/`, {}, CONNECTED_MS),
      'firstByte',
      'reached',
      /before the deadline/,
    );
  });

  test('a body that stops half way fails as body', async () => {
    await using slow = await raw((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'));
    assertFail(
      await check(`http://127.0.0.1:${slow.port}/`, {}, CONNECTED_MS),
      'body',
      'reached',
      /before the deadline/,
    );
    await using cut = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'));
    assertFail(await check(`http://127.0.0.1:${cut.port}/`), 'body', 'reached', /connection closed/);
  });

  test('an answer that is not HTTP, too long a header, and a hang-up are named', async () => {
    await using ssh = await raw((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    assertFail(await check(`http://127.0.0.1:${ssh.port}/`), 'firstByte', 'reached', /not HTTP \(HPE_/);
    await using long = await raw((socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`));
    assertFail(await check(`http://127.0.0.1:${long.port}/`), 'firstByte', 'reached', /headers are longer/);
    await using shy = await raw((socket) => socket.destroy());
    assertFail(await check(`http://127.0.0.1:${shy.port}/`), 'firstByte', 'reached', /Cannot GET/);
    await using upgrade = await raw((socket) =>
      socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    );
    assertFail(await check(`http://127.0.0.1:${upgrade.port}/`), 'firstByte', 'reached', /Cannot GET/);
  });

  test('refused is an answer of the host, silence while connecting is not', async () => {
    const { port } = await closedPort();
    assertFail(await check(`http://127.0.0.1:${port}/`), 'connect', 'reached', /connection refused \(ECONNREFUSED\)/);
    await using hole = await openBlackHole();
    const result = await check(`http://127.0.0.1:${hole.port}/`, {}, 250);
    assertFail(result, 'connect', 'unreached', /no answer in phase connect/);
  });

  test('a name that does not resolve is an error of ours (S22)', async () => {
    const result = await check('http://no-such-host.invalid/', {}, 3_000);
    assert.equal(result.kind, 'error');
    assert.match(result.kind === 'error' ? result.reason : '', /resolve/);
  });

  test('no time at all, or headers that cannot be sent, are errors and no verdict on the node', async () => {
    const { result } = await httpCheck(
      { ...DEFAULTS, url: 'http://127.0.0.1:9/' },
      { clock, signal: AbortSignal.abort() },
    );
    assert.equal(result.kind, 'error');
    const headers = [['x-bad', new Secret('a\nb')]] as const;
    assert.equal((await check('http://127.0.0.1:9/', { headers })).kind, 'error');
  });

  test('reasons show neither password nor query', async () => {
    const { port } = await closedPort();
    const result = await check(`http://user:sesame@127.0.0.1:${port}/status?token=sesame`);
    assert.ok(!JSON.stringify(result).includes('sesame'));
  });
});

describe('httpCheck over TLS', () => {
  test('names what is wrong with a certificate, and looks past it only when told to', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oneup-tls-'));
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const san = 'subjectAltName=DNS:web.example.com,IP:127.0.0.1';
      const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
      const names = ['-subj', '/CN=web.example.com', '-addext', san];
      execFileSync('openssl', ['req', '-x509', ...options, '-keyout', key, '-out', cert, ...names], {
        stdio: 'ignore',
      });
      let servername: unknown;
      const server = createHttps({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
        servername = 'servername' in request.socket ? request.socket.servername : undefined;
        response.end('ok');
      });
      server.on('tlsClientError', () => {});
      await using open = await listen(server);
      const url = `https://127.0.0.1:${open.port}/`;
      assertFail(await check(url), 'tls', 'reached', /self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
      const headers = [['Host', new Secret('web.example.com')]] as const;
      const passed = await check(url, { verifyTls: false, headers });
      assert.equal(passed.kind, 'pass');
      assert.deepEqual(Object.keys(passed.phases), ['resolve', 'connect', 'tls', 'firstByte', 'body']);
      assert.equal(servername, 'web.example.com', 'TLS asks for the virtual host');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a server that speaks no TLS, or says nothing, fails as tls', async () => {
    await using plain = await raw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    assertFail(await check(`https://127.0.0.1:${plain.port}/`), 'tls', 'reached', /Cannot GET/);
    await using silent = await raw(() => {});
    assertFail(
      await check(`https://127.0.0.1:${silent.port}/`, {}, CONNECTED_MS),
      'tls',
      'reached',
      /before the deadline/,
    );
  });
});

async function closedPort(): Promise<{ readonly port: number }> {
  const open = await raw(() => {});
  await open[Symbol.asyncDispose]();
  return { port: open.port };
}
