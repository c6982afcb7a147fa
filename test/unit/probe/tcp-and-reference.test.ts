// TCP checks and references against real ports; and the dispatch that chooses the kind.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { describe, test } from 'node:test';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { judgeFault } from '../../../src/probe/judge-fault.ts';
import { probeReference } from '../../../src/probe/probe-reference.ts';
import { runCheck } from '../../../src/probe/run-check.ts';
import { openBlackHole } from '../../support/black-hole.ts';

const clock = createSystemClock();
/** A busy machine takes its time; what must not answer is given less. */
const PATIENT_MS = 20_000;

function within(ms: number) {
  return { clock, parentEnv: { PATH: '/usr/bin:/bin' }, signal: AbortSignal.timeout(ms) };
}

describe('tcpCheck', () => {
  test('passes when the port opens and fails as reached when it is refused', async () => {
    const server = createTcp((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = { kind: 'tcp', host: '127.0.0.1', port } as const;
    const open = await runCheck(target, within(PATIENT_MS));
    assert.equal(open.result.kind, 'pass');
    assert.deepEqual([Object.keys(open.result.phases), open.lingering], [['resolve', 'connect'], null]);
    server.close();
    await once(server, 'close');
    const { result } = await runCheck(target, within(PATIENT_MS));
    assert.ok(result.kind === 'fail');
    assert.deepEqual([result.phase, result.reach], ['connect', 'reached']);
  });

  test('a black hole is unreached at the deadline', async () => {
    await using hole = await openBlackHole();
    const began = clock.monotonicMs();
    const { result } = await runCheck({ kind: 'tcp', host: '127.0.0.1', port: hole.port }, within(250));
    assert.ok(result.kind === 'fail');
    assert.deepEqual([result.phase, result.reach], ['connect', 'unreached']);
    assert.ok(clock.monotonicMs() - began < PATIENT_MS, 'no wait for the network to give up, which takes minutes');
  });
});

describe('judgeFault', () => {
  const where = { phase: 'connect', phases: {}, what: 'connect' } as const;
  const judge = (code: string, phase: 'connect' | 'body' = 'connect') =>
    judgeFault(Object.assign(new Error('boom'), { code }), { ...where, phase });

  test('what lacks on our side is an error, never a failure of the node (S22)', () => {
    for (const code of ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'EAFNOSUPPORT']) {
      assert.equal(judge(code).kind, 'error', code);
    }
  });

  test('silence of the network is unreached, any answer is reached', () => {
    for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']) {
      assert.equal((judge(code) as { reach?: string }).reach, 'unreached', code);
    }
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPROTO']) {
      assert.equal((judge(code) as { reach?: string }).reach, 'reached', code);
    }
    assert.equal((judge('ETIMEDOUT', 'body') as { reach?: string }).reach, 'reached');
  });
});

describe('probeReference', () => {
  test('any HTTP status is an answer', async () => {
    const server = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { result } = await probeReference({ kind: 'http', url: `http://127.0.0.1:${port}/` }, within(PATIENT_MS));
    assert.equal(result.kind, 'pass');
    const tcp = await probeReference({ kind: 'tcp', host: '127.0.0.1', port }, within(PATIENT_MS));
    assert.equal(tcp.result.kind, 'pass');
    server.close();
    await once(server, 'close');
    const gone = await probeReference({ kind: 'http', url: `http://127.0.0.1:${port}/` }, within(PATIENT_MS));
    assert.equal(gone.result.kind, 'fail');
  });
});
