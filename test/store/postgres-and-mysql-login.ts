// How a store finds its server and is let in: passwords, certificates, endpoints that are dead, silent or no database.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { openBlackHole } from '../support/black-hole.ts';
import { createAuthority } from '../support/servers/certificates.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { mustGet, put } from '../support/store-calls.ts';
import { type EngineUnderTest, type ServerUnderTest, spellError, storeOptions } from './postgres-and-mysql-engine.ts';

const HOST = '127.0.0.1';
/** Strangers are waited for this long; what comes of it is a failure either way. */
const SILENT_FOR_MS = 1_000;
const IN_TIME_MS = 60_000;

export function loginTests(engine: EngineUnderTest, getServer: () => ServerUnderTest): void {
  describe(`${engine.name}: being let in`, () => {
    test('a wrong password is denied, and no text shows it', async () => {
      const password = 'wrong-Secret-8';
      const error = await failureOf(engine, storeOptions(engine, getServer(), { password }));
      assert.equal(error.code, 'ONEUP_STORE_DENIED');
      assert.doesNotMatch(spellError(error), /wrong-Secret-8/);
    });

    test('no password, or a user that is not there, is denied', async () => {
      for (const change of [{ password: null }, { username: 'nobody-of-that-name' }]) {
        const error = await failureOf(engine, storeOptions(engine, getServer(), change));
        assert.equal(error.code, 'ONEUP_STORE_DENIED', error.message);
      }
    });

    test('a database that is not there is named', async () => {
      const error = await failureOf(engine, storeOptions(engine, getServer(), { database: 'no-such-database' }));
      assert.equal(error.code, 'ONEUP_STORE_UNREACHABLE');
      assert.match(error.message, /no-such-database/);
    });

    test('a server without TLS is refused when TLS is asked for', async () => {
      const tls = { ca: createAuthority().ca, cert: null, key: null, serverName: null };
      const error = await failureOf(engine, storeOptions(engine, getServer(), { tls }));
      assert.equal(error.code, 'ONEUP_STORE_UNREACHABLE');
      assert.match(error.message, /SSL|secure connection/);
    });

    test('an endpoint that refuses costs nothing while the next one answers', async () => {
      const { port } = getServer();
      const [dead = 0] = await freePorts(1);
      const endpoints = [dead, port].map((one) => ({ host: HOST, port: one }));
      await using store = await engine.openStore(storeOptions(engine, getServer(), { endpoints }));
      await put(store, '/k', '1');
      assert.equal((await mustGet(store, '/k')).value, '1');
    });

    test('an endpoint that swallows everything leaves time for the next one', async () => {
      await using hole = await openBlackHole();
      const endpoints = [hole.port, getServer().port].map((port) => ({ host: HOST, port }));
      await using store = await engine.openStore(
        storeOptions(engine, getServer(), { endpoints, callTimeoutMs: 5_000 }),
      );
      await put(store, '/k', '1');
      assert.equal((await mustGet(store, '/k')).value, '1');
    });
  });
}

export function tlsTests(engine: EngineUnderTest): void {
  describe(`${engine.name}: TLS`, () => {
    const authority = createAuthority();
    let server: ServerUnderTest;
    before(async () => {
      server = await engine.start({ tls: authority.certify(['DNS:db.example.com', 'IP:127.0.0.1']) });
    });
    after(() => server?.[Symbol.asyncDispose]());
    const tls = { ca: authority.ca, cert: null, key: null, serverName: null };

    test('a certificate of the authority for the address is accepted', async () => {
      await using store = await engine.openStore(storeOptions(engine, server, { tls }));
      await put(store, '/k', '1');
    });

    test('a certificate for the name that was asked for is accepted', async () => {
      const named = { ...tls, serverName: 'db.example.com' };
      await using store = await engine.openStore(storeOptions(engine, server, { tls: named }));
      await put(store, '/k', '1');
    });

    test('a certificate for another name is refused', async () => {
      for (const change of [
        { tls: { ...tls, serverName: 'other.example.com' } },
        { tls, endpoints: [{ host: 'localhost', port: server.port }] },
      ]) {
        const error = await failureOf(engine, storeOptions(engine, server, change));
        assert.equal(error.code, 'ONEUP_STORE_UNREACHABLE');
        assert.match(error.message, /altnames/);
      }
    });

    test('a certificate of another authority, or of none that is trusted, is refused', async () => {
      for (const ca of [createAuthority().ca, null]) {
        const error = await failureOf(engine, storeOptions(engine, server, { tls: { ...tls, ca } }));
        assert.equal(error.code, 'ONEUP_STORE_UNREACHABLE');
        assert.match(error.message, /certificate/);
      }
    });
  });
}

export function strangerTests(engine: EngineUnderTest): void {
  describe(`${engine.name}: servers that are none`, () => {
    const garbage = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7919) % 256));
    const lengths = [0xff, 0x00, 0x7f].map((byte) => Buffer.alloc(512, byte));
    const answers = {
      'says nothing': Buffer.alloc(0),
      'speaks another protocol': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'sends garbage': garbage,
      'greets and goes on with garbage': Buffer.concat([engine.greeting, garbage]),
      'greets and stops in the middle': engine.greeting.subarray(0, engine.greeting.length - 3),
      'sends what cannot be read': engine.unreadable,
      'sends only high bytes': lengths[0] ?? garbage,
      'sends only zeros': lengths[1] ?? garbage,
      'announces endless messages': lengths[2] ?? garbage,
    };
    for (const [what, bytes] of Object.entries(answers)) {
      for (const end of ['stays', 'ends'] as const) {
        test(`a server that ${what} and ${end} gives an error in time`, async () => {
          await using stranger = await startStranger(bytes, end);
          const began = performance.now();
          const error = await failureOf(engine, storeOptions(engine, stranger, { callTimeoutMs: SILENT_FOR_MS }));
          assert.match(error.code ?? '', /^ONEUP_STORE_/, spellError(error));
          assert.ok(performance.now() - began < IN_TIME_MS);
        });
      }
    }
  });
}

/** Answers everything with the same bytes. */
async function startStranger(bytes: Buffer, end: 'stays' | 'ends') {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const answer = () => (end === 'ends' ? socket.end(bytes) : socket.write(bytes));
    // One protocol begins with the client, the other with the server.
    answer();
    socket.on('data', () => socket.writable && answer());
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function failureOf(
  engine: EngineUnderTest,
  options: Parameters<EngineUnderTest['openStore']>[0],
): Promise<Error & { readonly code?: string }> {
  try {
    await using store = await engine.openStore(options);
    await store.get('/k');
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return assert.fail('the store opened');
}
