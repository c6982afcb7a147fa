// What can go wrong between oneup and a hook: forged, replayed and late orders, answers of strangers, cuts and crashes. The hook
// is the reference hook in a process of its own, or a server that misbehaves on purpose.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '../../../../src/base/secret.ts';
import { createHttpCarrier } from '../../../../src/nodes/http/http-carrier.ts';
import { signRequest } from '../../../../src/nodes/http/sign.ts';
import { waitUntil } from '../../../e2e/support/wait-until.ts';
import { openBlackHole } from '../../../support/black-hole.ts';
import { type DriverBench, openDriverBench } from '../../../support/driver-bench.ts';
import { contextAt, eventually, NEVER } from '../../../support/exec-bench.ts';
import { HOOK_SECRET, type HttpBench, httpAction, openHttpBench } from '../../../support/http-bench.ts';
import { createAuthority } from '../../../support/servers/certificates.ts';
import { openTcpCutter } from '../../../support/tcp-cutter.ts';

/** For a script: until the test has written this file. */
const HELD = 'while [ ! -e enough ]; do sleep 0.1; done';

function statusOf(bench: DriverBench) {
  return bench.driver.status(contextAt(1), { signal: NEVER });
}

function start(bench: DriverBench, step: number, timeoutMs = 10_000) {
  return bench.driver.act('start', contextAt(step), { timeoutMs, signal: NEVER });
}

/** A signed request as anybody can send who has seen or holds the secret. */
async function send(
  url: string,
  call: string,
  message: object,
  { secret = HOOK_SECRET, nonce = randomUUID() as string } = {},
) {
  const body = JSON.stringify(message);
  const path = `${new URL(url).pathname}/${call}`;
  const signature = signRequest({ path, nonce, body }, new Secret(secret));
  const headers = { 'oneup-nonce': nonce, 'oneup-signature': signature };
  const response = await fetch(`${url}/${call}`, { method: 'POST', body, headers });
  const text = await response.text();
  return { status: response.status, answer: text === '' ? null : JSON.parse(text) };
}

function order(bench: HttpBench, step: number) {
  const action = bench.script('echo x >> ran');
  assert.ok(action.driver === 'http');
  return {
    url: action.url,
    message: { protocol: 1, action: 'start', part: 0, context: contextAt(step), timeoutMs: 5_000 },
  };
}

describe('http driver, orders', { concurrency: 3 }, () => {
  test('a forged request is turned away and does nothing', async () => {
    await using bench = await openHttpBench();
    const { url, message } = order(bench, 1);
    assert.equal((await send(url, 'hello', message, { secret: 'another secret of length' })).status, 401);
    const { answer } = await send(url, 'hello', message);
    const forged = await send(url, 'go', { ...message, nonce: answer.nonce }, { secret: 'another secret of length' });
    assert.equal(forged.status, 401);
    assert.equal(bench.exists('ran'), false);
    bench.actions.start = { ...bench.script('echo x >> ran'), secret: new Secret('another secret of length') } as never;
    const refused = await start(bench, 1);
    assert.equal(refused.kind, 'failed', refused.reason);
    assert.match(refused.reason, /status was 401, is the secret the same/);
    assert.equal(bench.exists('ran'), false);
  });

  test('a replayed go and one later than 2 s after hello do nothing (S12)', async () => {
    await using bench = await openHttpBench();
    const { url, message } = order(bench, 1);
    const hello = await send(url, 'hello', message);
    const go = { ...message, nonce: hello.answer.nonce };
    const nonce = randomUUID();
    assert.equal((await send(url, 'go', go, { nonce })).answer.kind, 'done');
    assert.equal((await send(url, 'go', go, { nonce })).answer.kind, 'killed');
    const next = { ...message, context: contextAt(2) };
    const late = await send(url, 'hello', next);
    await pause(2_100);
    const answer = await send(url, 'go', { ...next, nonce: late.answer.nonce });
    assert.match(answer.answer.reason, /later than 2 s/);
    assert.equal(bench.read('ran'), 'x\n');
  });

  test('a hook that crashed in the middle of a start says that nobody knows what it did, and does not do it again', async () => {
    await using bench = await openHttpBench();
    bench.actions.start = bench.script('echo x >> ran; sleep 30', 20_000);
    const starting = start(bench, 1, 20_000);
    await eventually(() => bench.exists('ran'), 'the script runs');
    await bench.hook.restart();
    const result = await starting;
    assert.deepEqual([result.kind, result.repeated], ['killed', true], result.reason);
    assert.equal(bench.read('ran'), 'x\n');
    assert.equal((await bench.driver.status(contextAt(1), { signal: NEVER })).role, 'unknown');
    bench.actions.start = bench.script('true');
    assert.equal((await start(bench, 2)).kind, 'done', 'a higher step goes on');
  });

  test('a cut while the hook works: the same step is asked for again and done once', async () => {
    await using bench = await openHttpBench();
    await using cutter = await openTcpCutter(Number(new URL(bench.hook.url()).port));
    const script = bench.script(`echo x >> ran; ${HELD}; echo ready`, 30_000);
    assert.ok(script.driver === 'http');
    const url = new URL(script.url);
    url.port = String(cutter.port);
    bench.actions.start = { ...script, url: url.href };
    const starting = start(bench, 1, 30_000);
    await eventually(() => bench.exists('ran'), 'the script runs');
    cutter.cut();
    cutter.mend();
    writeFileSync(bench.path('enough'), '');
    const result = await starting;
    assert.deepEqual([result.kind, result.repeated], ['done', true], result.reason);
    assert.match(result.evidence.output, /ready/);
    assert.equal(bench.read('ran'), 'x\n');
  });

  test('a hook that stays away after a cut is given up soon, and its status tells what became of the start (S33)', async () => {
    await using bench = await openHttpBench();
    await using cutter = await openTcpCutter(Number(new URL(bench.hook.url()).port));
    const script = bench.script(`echo x >> ran; ${HELD}`, 300_000);
    assert.ok(script.driver === 'http');
    const url = new URL(script.url);
    url.port = String(cutter.port);
    bench.actions.start = { ...script, url: url.href };
    const starting = start(bench, 1, 300_000);
    await eventually(() => bench.exists('ran'), 'the script runs');
    cutter.cut();
    writeFileSync(bench.path('enough'), '');
    const result = await starting;
    assert.equal(result.kind, 'failed', result.reason);
    assert.match(result.reason, /it may have been done, its status tells/);
    cutter.mend();
    await waitUntil('the start to be done', async () => (await statusOf(bench)).role !== 'starting');
    assert.equal((await statusOf(bench)).role, 'active');
  });
});

type Misbehaviour = { readonly name: string; readonly reason: RegExp; readonly serve: RequestListener };

const STRANGERS: readonly Misbehaviour[] = [
  {
    name: 'an answer without a signature',
    reason: /not signed/,
    serve: (_, answer) => answer.end('{"nonce":"12345678"}'),
  },
  {
    name: 'a redirect',
    reason: /not followed/,
    serve: (_, answer) => answer.writeHead(307, { location: '/else' }).end(),
  },
  { name: 'a plain failure', reason: /status was 503/, serve: (_, answer) => answer.writeHead(503).end('busy') },
  {
    name: 'an endless answer',
    reason: /longer than 64 KiB/,
    serve: (_, answer) => void answer.end('x'.repeat(200_000)),
  },
  {
    name: 'half an answer',
    reason: /closed without a whole answer|ECONNRESET/,
    serve: (_, answer) => {
      answer.writeHead(200, { 'content-length': '100' }).write('{"nonce"');
      setImmediate(() => answer.destroy());
    },
  },
];

describe('http driver, answers of strangers', { concurrency: 3 }, () => {
  for (const { name, reason, serve } of STRANGERS) {
    test(`${name} is a failure with its reason`, async () => {
      const server = createServer(serve).listen(0, '127.0.0.1');
      await once(server, 'listening');
      await using bench = await strangeBench();
      bench.actions.start = httpAction(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
      const result = await start(bench, 1);
      server.closeAllConnections();
      server.close();
      assert.equal(result.kind, 'failed', result.reason);
      assert.match(result.reason, reason);
      assert.match(result.reason, /nothing was started/);
    });
  }

  test('a hook that is not there, and one that is silent, are failures and unknown', async () => {
    await using hole = await openBlackHole();
    await using bench = await strangeBench();
    bench.actions.start = httpAction('http://127.0.0.1:1/hook');
    assert.match((await start(bench, 1)).reason, /ECONNREFUSED; nothing was started/);
    bench.actions.start = httpAction(`http://127.0.0.1:${hole.port}/hook`);
    const silent = await start(bench, 1, 600_000);
    assert.equal(silent.kind, 'failed');
    assert.match(silent.reason, /no answer came in time; nothing was started/);
    assert.equal((await bench.driver.status(contextAt(1), { signal: NEVER })).role, 'unknown');
  });
});

describe('http driver, TLS', () => {
  test('the certificate of the hook is verified by the configured authority', async () => {
    const { ca, certify } = createAuthority();
    const { cert, key } = certify(['IP:127.0.0.1']);
    await using bench = await openHttpBench({ tls: { cert, key, ca } });
    bench.actions.start = bench.script('echo safe');
    const result = await start(bench, 1);
    assert.equal(result.kind, 'done', result.reason);
    bench.actions.start = { ...bench.actions.start, ca: null } as never;
    const refused = await start(bench, 2);
    assert.equal(refused.kind, 'failed');
    assert.match(refused.reason, /CERT|SIGNED|ISSUER|VERIFY/);
  });
});

function strangeBench(): Promise<DriverBench> {
  return openDriverBench(async (deps) => ({
    carriers: { http: createHttpCarrier(deps) },
    actionOf: () => httpAction('http://127.0.0.1:1/hook'),
    close: () => Promise.resolve(),
  }));
}
