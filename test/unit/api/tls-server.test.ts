// What strangers can do to the listener for agents, on real sockets: too much, too slow, too many, and no HTTP at all.
import assert from 'node:assert/strict';
import { connect as connectPlain, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { startTlsServer } from '../../../src/api/tls-server.ts';
import type { OneupError } from '../../../src/base/oneup-error.ts';
import type { Endpoint } from '../../../src/config/config.ts';
import { createIdentity, openDoorWorld } from '../../support/agent-door-world.ts';
import { askDoor } from '../../support/ask-door.ts';
import { SILENT } from '../../support/prober-world.ts';

const IDENTITY = createIdentity();
const { ca } = IDENTITY.authority;
const GOALS = JSON.stringify({ cluster: 'test', generation: null, after: -1 });
const LIMIT_MS = 15_000;

function secure({ host, port }: Endpoint): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ca }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Everything that comes until the other side closes; fails when it does not. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`the connection stays open, after ${text}`)), LIMIT_MS);
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

describe('the listener for agents bears strangers', { concurrency: true }, () => {
  test('health is answered to everybody, other paths to nobody, and no fault shows what is inside', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const health = await askDoor(door.endpoint, { ca, method: 'GET', path: '/v1/health' });
    assert.deepEqual(health, { status: 200, body: { status: 'ok' } });
    for (const path of ['/', '/v1/status', '/v1/tokens', '/v1/agent/goals/x', '/%', '//']) {
      const reply = await askDoor(door.endpoint, { ca, method: 'GET', path });
      assert.equal(reply.status, 404, path);
      assert.equal(reply.body.error?.code, 'ONEUP_USAGE');
    }
    const { text } = await world.token();
    const source = door.source();
    door.source = () => ({ ...source, nodesOf: () => [].at(9) as never });
    const fault = await askDoor(door.endpoint, { ca, token: text, body: GOALS });
    assert.equal(fault.status, 500);
    assert.doesNotMatch(JSON.stringify(fault), /\.ts|undefined|stack/);
    door.source = () => {
      throw new Error('gone');
    };
    const lost = await askDoor(door.endpoint, { ca, method: 'GET', path: '/v1/health' });
    assert.deepEqual(lost.body, { status: 'store-lost' });
  });

  test('bodies: too long, no JSON, of another shape, none at all', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open();
    const { text: token } = await world.token();
    const cases = [
      ['x'.repeat(70_000), /longer than 65536/],
      ['{"cluster":', /not JSON/],
      ['[]', /Invalid input/],
      [JSON.stringify({ cluster: 'test', generation: null, after: 'x' }), /after/],
      [JSON.stringify({ cluster: 'test', generation: null, after: 1, more: 1 }), /more/],
      ['', /Invalid input/],
    ] as const;
    for (const [body, reason] of cases) {
      const reply = await askDoor(endpoint, { ca, token, body });
      assert.equal(reply.status, 400);
      assert.match(reply.body.error?.message ?? '', reason);
    }
    assert.equal((await askDoor(endpoint, { ca, token, body: GOALS })).status, 200);
  });

  test('a body without a length is cut off at the bound', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open();
    const { text } = await world.token();
    const socket = await secure(endpoint);
    const answer = readAll(socket);
    socket.write(`POST /v1/agent/goals HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${text}\r\n`);
    socket.write('transfer-encoding: chunked\r\n\r\n');
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    for (let count = 0; count < 4; count += 1) socket.write(chunk);
    assert.match(await answer, /^HTTP\/1\.1 400.*longer than 65536/s);
  });

  test('what is no HTTP, headers without end, and plain text to a TLS port', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open();
    for (const [text, expected] of [
      ['\u0000\u0001garbage\r\n\r\n', /^HTTP\/1\.1 400/],
      [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
    ] as const) {
      const socket = await secure(endpoint);
      socket.write(text);
      const answer = await readAll(socket);
      assert.match(answer, expected);
      assert.match(answer, /"code":"ONEUP_USAGE"/);
    }
    const plain = connectPlain(endpoint.port, endpoint.host);
    plain.write('GET /v1/health HTTP/1.1\r\nhost: x\r\n\r\n');
    assert.doesNotMatch(await readAll(plain), /status/);
    assert.equal((await askDoor(endpoint, { ca, method: 'GET', path: '/v1/health' })).status, 200);
  });

  test('a slow sender is cut off: in the handshake, in the headers, in the body, and when it says nothing', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open({ limits: { receiveMs: 500, idleMs: 2_000 } });
    const { text } = await world.token();
    const head = `POST /v1/agent/goals HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${text}\r\ncontent-length: 50\r\n\r\n{`;
    const silent = connectPlain(endpoint.port, endpoint.host);
    // Read from the start: on a busy machine the first is cut off before the last is open.
    const ends = [readAll(silent)];
    const drips: NodeJS.Timeout[] = [];
    for (const start of ['', 'GET /v1/health HTTP/1.1\r\nhost: x\r\nx: ', head]) {
      const socket = await secure(endpoint);
      ends.push(readAll(socket));
      socket.write(start);
      // One octet now and then keeps no connection alive.
      if (start.startsWith('GET')) drips.push(setInterval(() => socket.writable && socket.write('y'), 100));
    }
    await Promise.all(ends).finally(() => {
      for (const drip of drips) clearInterval(drip);
    });
    assert.equal((await askDoor(endpoint, { ca, method: 'GET', path: '/v1/health' })).status, 200);
  });

  test('connections of one address are bounded, and one that ends makes room', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open({ limits: { connectionsPerAddressMax: 3 } });
    const held = [await secure(endpoint), await secure(endpoint), await secure(endpoint)];
    await assert.rejects(askDoor(endpoint, { ca, method: 'GET', path: '/v1/health' }));
    held[0]?.destroy();
    const untilMs = performance.now() + LIMIT_MS;
    for (;;) {
      const reply = await askDoor(endpoint, { ca, method: 'GET', path: '/v1/health' }).catch(() => null);
      if (reply?.status === 200) break;
      assert.ok(performance.now() < untilMs, 'no room was made');
      await sleep(50);
    }
    for (const socket of held) socket.destroy();
  });

  test('two hundred connections that say nothing keep nobody out', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open({ limits: { connectionsPerAddressMax: 1_000 } });
    const idle = Array.from({ length: 200 }, () => connectPlain(endpoint.port, endpoint.host).on('error', () => {}));
    const { text } = await world.token();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => askDoor(endpoint, { ca, token: text, body: GOALS })),
    );
    assert.ok(replies.every(({ status }) => status === 200));
    for (const socket of idle) socket.destroy();
  });

  test('another certificate serves the next connection; one that cannot be used leaves the old one', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint, server } = await world.open();
    const before = await secure(endpoint);
    const next = IDENTITY.authority.certify(['IP:127.0.0.1']);
    assert.throws(() => server.setCertificate({ cert: 'nonsense', key: next.key }));
    const still = await secure(endpoint);
    assert.equal(still.getPeerCertificate().fingerprint256, before.getPeerCertificate().fingerprint256);
    server.setCertificate(next);
    const after = await secure(endpoint);
    assert.notEqual(after.getPeerCertificate().fingerprint256, before.getPeerCertificate().fingerprint256);
    for (const socket of [before, still, after]) socket.destroy();
  });

  test('a place that is taken, and a certificate that cannot be used, are errors with a remedy', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await world.open();
    const options = { endpoints: [endpoint], answer: async () => ({ status: 200, body: {} }), logger: SILENT };
    const taken = startTlsServer({ ...options, certificate: IDENTITY.certificate });
    await assert.rejects(
      taken,
      (error: OneupError) => error.code === 'ONEUP_PORT_IN_USE' && /ss -lntp/.test(error.remedy),
    );
    const certificate = { cert: 'nonsense', key: IDENTITY.certificate.key };
    await assert.rejects(startTlsServer({ ...options, certificate }), (error: OneupError) => {
      assert.doesNotMatch(JSON.stringify(error) + error.message + String(error.cause), /PRIVATE/);
      return error.code === 'ONEUP_LISTEN_FAILED';
    });
  });
});
