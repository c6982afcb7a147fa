// gRPC health checks against a server over HTTP/2, in the clear and by TLS, that answers well, ill, wrongly and too much; and
// the two messages alone.
import assert from 'node:assert/strict';
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { describe, test } from 'node:test';
import type { GrpcTarget } from '../../../src/config/check-target.ts';
import { decodeHealthStatus, encodeHealthRequest } from '../../../src/probe/grpc-health-message.ts';
import { listening, look } from '../../support/look.ts';
import { createAuthority } from '../../support/servers/certificates.ts';

/** One gRPC message that holds `body`. */
function message(body: readonly number[]): Buffer {
  return Buffer.from([0, 0, 0, 0, body.length, ...body]);
}

function statusMessage(status: number): Buffer {
  return message([0x08, status]);
}

type Answer = { readonly body?: Buffer; readonly code?: number; readonly http?: number; readonly words?: string };

function answerWith(stream: ServerHttp2Stream, { body, code = 0, http = 200, words }: Answer): void {
  const trailers = { 'grpc-status': String(code), ...(words === undefined ? {} : { 'grpc-message': words }) };
  if (body === undefined) {
    stream.respond({ ':status': http, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
    return;
  }
  stream.respond({ ':status': http, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.on('error', () => {});
  stream.end(body);
}

function serve(server: Http2Server, answer: (service: string) => Answer) {
  server.on('sessionError', () => {});
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const asked = Buffer.concat(chunks);
      assert.equal(headers[':path'], '/grpc.health.v1.Health/Check');
      answerWith(stream, answer(asked.subarray(7).toString()));
    });
  });
  return listening(server as unknown as Parameters<typeof listening>[0]);
}

function target(port: number, change: Partial<GrpcTarget> = {}): GrpcTarget {
  return { kind: 'grpc', host: '127.0.0.1', port, service: '', tls: null, ...change };
}

describe('grpcCheck', () => {
  test('passes when the service that was asked about serves, with the time of each phase', async () => {
    await using server = await serve(createServer(), (service) => ({
      body: statusMessage(service === 'shop.Cart' ? 1 : 2),
    }));
    const result = await look(target(server.port, { service: 'shop.Cart' }));
    assert.equal(result.kind, 'pass', JSON.stringify(result));
    assert.deepEqual(Object.keys(result.phases), ['resolve', 'connect', 'firstByte', 'body']);
    const whole = await look(target(server.port));
    assert.ok(whole.kind === 'fail');
    assert.match(whole.reason, /NOT_SERVING, expected SERVING/);
  });

  test('passes over TLS, and looks at the certificate', async () => {
    const authority = createAuthority();
    const certified = authority.certify(['IP:127.0.0.1']);
    await using server = await serve(createSecureServer({ ...certified }), () => ({ body: statusMessage(1) }));
    const tls = { ca: authority.ca, serverName: null, verify: true };
    const result = await look(target(server.port, { tls }));
    assert.equal(result.kind, 'pass', JSON.stringify(result));
    assert.deepEqual(Object.keys(result.phases), ['resolve', 'connect', 'tls', 'firstByte', 'body']);
    const unknown = await look(target(server.port, { tls: { ...tls, ca: null } }));
    assert.ok(unknown.kind === 'fail');
    assert.equal(unknown.phase, 'tls');
    assert.equal((await look(target(server.port))).kind, 'fail');
  });

  const answers: readonly [name: string, answer: Answer, kind: string, reason: RegExp][] = [
    ['an unknown service', { code: 5, words: 'unknown service' }, 'fail', /grpc-status was 5: unknown service/],
    ['no health service', { code: 12 }, 'fail', /grpc-status was 12/],
    ['no rights', { code: 16 }, 'error', /grpc-status was 16/],
    ['another page', { http: 404 }, 'fail', /status was 404/],
    ['garbage', { body: Buffer.from('hello world') }, 'fail', /not a health message/],
    ['a compressed message', { body: Buffer.from([1, 0, 0, 0, 0]) }, 'fail', /not a health message/],
    ['an empty message, which is UNKNOWN', { body: message([]) }, 'fail', /UNKNOWN/],
    ['too much', { body: Buffer.alloc(500_000) }, 'fail', /longer than 4096 bytes/],
  ];
  for (const [name, answer, kind, reason] of answers) {
    test(`${name} is judged`, async () => {
      await using server = await serve(createServer(), () => answer);
      const result = await look(target(server.port));
      assert.equal(result.kind, kind, JSON.stringify(result));
      assert.ok(result.kind !== 'pass');
      assert.match(result.reason, reason);
    });
  }
});

describe('the health messages of gRPC', () => {
  test('a request holds the name, a long one too', () => {
    assert.deepEqual([...encodeHealthRequest('')], [0, 0, 0, 0, 0]);
    assert.deepEqual([...encodeHealthRequest('ab')], [0, 0, 0, 0, 4, 0x0a, 2, 0x61, 0x62]);
    assert.deepEqual([...encodeHealthRequest('x'.repeat(200)).subarray(5, 8)], [0x0a, 0xc8, 0x01]);
  });

  test('a status is found beside fields that are not known', () => {
    assert.equal(decodeHealthStatus(message([0x12, 2, 9, 9, 0x08, 1, 0x1d, 0, 0, 0, 0])), 1);
    assert.equal(decodeHealthStatus(message([0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 3])), 3);
  });

  test('any other bytes are refused, and none of them is endless', () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const bytes = Array.from({ length: seed % 23 }, (_, index) => (seed * 31 + index * 97 + seed * index) % 256);
      try {
        assert.ok(decodeHealthStatus(message(bytes)) >= 0);
      } catch (error) {
        assert.match(String(error), /not a health message/);
      }
    }
    assert.throws(() => decodeHealthStatus(Buffer.from([0, 0, 0])));
    assert.throws(() => decodeHealthStatus(message([0x08])));
    assert.throws(() => decodeHealthStatus(message([0x12, 200])));
    assert.throws(() => decodeHealthStatus(message([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])));
  });
});
