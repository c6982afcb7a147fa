// Hooks through real proxies (tinyproxy, microsocks), and through ones that refuse, lie, hang, break off or are gone: what never
// left is "nothing was started", and what may have arrived is asked about (S12).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Secret } from '../../../../src/base/secret.ts';
import type { ProxyTarget } from '../../../../src/config/check-target.ts';
import { waitUntil } from '../../../e2e/support/wait-until.ts';
import { openBlackHole } from '../../../support/black-hole.ts';
import type { DriverBench } from '../../../support/driver-bench.ts';
import { contextAt, eventually, NEVER } from '../../../support/exec-bench.ts';
import { type HttpBench, openHttpBench } from '../../../support/http-bench.ts';
import { rawServer } from '../../../support/look.ts';
import { createAuthority } from '../../../support/servers/certificates.ts';
import { by, LOGIN, STARTERS } from '../../../support/servers/proxies.ts';
import { openTcpCutter } from '../../../support/tcp-cutter.ts';

/** For a script: until the test has written this file. */
const HELD = 'while [ ! -e enough ]; do sleep 0.1; done';

function start(bench: DriverBench, step: number, timeoutMs = 20_000) {
  return bench.driver.act('start', contextAt(step), { timeoutMs, signal: NEVER });
}

function scriptBy(bench: HttpBench, text: string, proxy: ProxyTarget) {
  const script = bench.script(text, 20_000);
  assert.ok(script.driver === 'http');
  return { ...script, proxy };
}

for (const kind of ['http', 'socks5'] as const) {
  describe(`a hook through a real ${kind} proxy`, () => {
    test('start, the same start again, and status; each call opens its own way', async () => {
      await using proxy = await STARTERS[kind](false);
      await using bench = await openHttpBench();
      bench.actions.start = scriptBy(bench, 'echo x >> ran; echo ready', by(kind, proxy.port));
      const result = await start(bench, 1);
      assert.equal(result.kind, 'done', result.reason);
      assert.match(result.evidence.output, /ready/);
      const again = await start(bench, 1);
      assert.deepEqual([again.kind, again.repeated], ['done', true], again.reason);
      assert.equal((await bench.driver.status(contextAt(1), { signal: NEVER })).role, 'active');
      assert.equal(bench.read('ran'), 'x\n');
    });

    test('TLS is spoken with the hook itself, whose certificate is verified', async () => {
      const { ca, certify } = createAuthority();
      const { cert, key } = certify(['IP:127.0.0.1']);
      await using proxy = await STARTERS[kind](false);
      await using bench = await openHttpBench({ tls: { cert, key, ca } });
      bench.actions.start = scriptBy(bench, 'echo x >> ran', by(kind, proxy.port));
      const result = await start(bench, 1);
      assert.equal(result.kind, 'done', result.reason);
      bench.actions.start = { ...bench.actions.start, ca: null } as never;
      const refused = await start(bench, 2);
      assert.equal(refused.kind, 'failed');
      assert.match(refused.reason, /(CERT|SIGNED|ISSUER|VERIFY).*through the .* proxy.*nothing was started/);
      assert.equal(bench.read('ran'), 'x\n');
    });

    test('a login is used; a refused one is told without the password, and nothing was started', async () => {
      await using proxy = await STARTERS[kind](true);
      await using bench = await openHttpBench();
      bench.actions.start = scriptBy(bench, 'echo x >> ran', by(kind, proxy.port, LOGIN));
      const result = await start(bench, 1);
      assert.equal(result.kind, 'done', result.reason);
      const wrong = by(kind, proxy.port, { ...LOGIN, password: new Secret('wrong-Secret-8') });
      bench.actions.start = scriptBy(bench, 'echo y >> ran', wrong);
      const refused = await start(bench, 2);
      assert.equal(refused.kind, 'failed');
      assert.match(
        refused.reason,
        new RegExp(`through the ${kind} proxy 127\\.0\\.0\\.1:${proxy.port}.*nothing was started`),
      );
      assert.ok(!JSON.stringify(refused).includes('Secret'));
      assert.equal(bench.read('ran'), 'x\n');
    });

    test('a proxy that is gone or silent: nothing was started, and status is unknown', async () => {
      await using hole = await openBlackHole();
      const gone = await rawServer(() => {});
      await gone[Symbol.asyncDispose]();
      await using bench = await openHttpBench();
      for (const [port, reason] of [
        [gone.port, /ECONNREFUSED/],
        [hole.port, /no answer came in time/],
      ] as const) {
        bench.actions.start = scriptBy(bench, 'echo x >> ran', by(kind, port));
        const result = await start(bench, 1);
        assert.equal(result.kind, 'failed');
        assert.match(result.reason, reason);
        assert.match(result.reason, /through the .* proxy .*nothing was started/);
        assert.equal((await bench.driver.status(contextAt(1), { signal: NEVER })).role, 'unknown');
      }
      assert.equal(bench.exists('ran'), false);
    });

    test('a proxy that hangs up, resets, floods or talks nonsense: nothing was started', async () => {
      const talks: readonly ((socket: Socket) => void)[] = [
        (socket) => socket.end(),
        (socket) => socket.once('data', () => socket.resetAndDestroy()),
        (socket) => socket.write('220 mail.example.com ESMTP\r\n'),
        (socket) => socket.write(Buffer.alloc(100, 0xff)),
        (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`),
      ];
      await using bench = await openHttpBench();
      for (const [index, talk] of talks.entries()) {
        await using proxy = await rawServer(talk);
        bench.actions.start = scriptBy(bench, 'echo x >> ran', by(kind, proxy.port));
        const result = await start(bench, 1);
        assert.equal(result.kind, 'failed', `${index}: ${result.reason}`);
        assert.match(result.reason, /through the .* proxy .*nothing was started/);
      }
      assert.equal(bench.exists('ran'), false);
    });

    test('a proxy that breaks off while the hook works: the same step is asked for again and done once (S12)', async () => {
      await using proxy = await STARTERS[kind](false);
      await using cutter = await openTcpCutter(proxy.port);
      await using bench = await openHttpBench();
      bench.actions.start = scriptBy(bench, `echo x >> ran; ${HELD}; echo ready`, by(kind, cutter.port));
      const starting = start(bench, 1);
      await eventually(() => bench.exists('ran'), 'the script runs');
      cutter.cut();
      cutter.mend();
      writeFileSync(bench.path('enough'), '');
      const result = await starting;
      assert.deepEqual([result.kind, result.repeated], ['done', true], result.reason);
      assert.equal(bench.read('ran'), 'x\n');
    });

    test('a proxy that stays away after that: it may have been done, and the status tells (S33)', async () => {
      await using proxy = await STARTERS[kind](false);
      await using cutter = await openTcpCutter(proxy.port);
      await using bench = await openHttpBench();
      bench.actions.start = scriptBy(bench, `echo x >> ran; ${HELD}`, by(kind, cutter.port));
      const starting = start(bench, 1, 60_000);
      await eventually(() => bench.exists('ran'), 'the script runs');
      cutter.cut();
      writeFileSync(bench.path('enough'), '');
      const result = await starting;
      assert.equal(result.kind, 'failed', result.reason);
      assert.match(result.reason, /it may have been done, its status tells/);
      cutter.mend();
      const status = () => bench.driver.status(contextAt(1), { signal: NEVER });
      await waitUntil('the start to be done', async () => (await status()).role !== 'starting');
      assert.equal((await status()).role, 'active');
    });
  });
}

describe('a proxy that fails between hello and go', () => {
  test('go that never left says so, though hello was answered', async () => {
    await using real = await STARTERS.socks5(false);
    await using bench = await openHttpBench();
    let ways = 0;
    // The first way is for hello; the second accepts and stands still.
    await using proxy = await rawServer((socket) => {
      ways += 1;
      if (ways > 1) return;
      const far = connect(real.port, '127.0.0.1').on('error', () => {});
      socket.pipe(far).pipe(socket);
      socket.once('close', () => far.destroy());
    });
    bench.actions.start = scriptBy(bench, 'echo x >> ran', by('socks5', proxy.port));
    const result = await start(bench, 1, 3_000);
    assert.match(result.reason, /through the socks5 proxy.*nothing was started/);
    assert.equal(bench.exists('ran'), false);
  });
});
