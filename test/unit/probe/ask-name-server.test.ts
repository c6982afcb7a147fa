// Questions to servers that are there, on both ways and both families, and to servers that are silent, lie or are out of reach.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { getEventListeners, once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { Packet } from 'dns2';
import { askNameServer, type NameServerQuestion } from '../../../src/probe/ask-name-server.ts';
import { findNameServers } from '../../../src/probe/find-name-servers.ts';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { startLiveServer } from '../../support/dns/live-server.ts';

/** A connection stands by then, also on a busy machine. */
const DEADLINE_MS = 1_000;

function soon(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(DEADLINE_MS) };
}

const LATER = { signal: AbortSignal.timeout(60_000) };
const REAL = { name: 'www.example.com.', type: 'A' } as const;

describe('askNameServer', () => {
  for (const host of ['127.0.0.1', '::1'])
    for (const transport of ['udp', 'tcp'] as const)
      test(`asks ${host} by ${transport}`, async () => {
        await using live = await startLiveServer({ hosts: [host] });
        const ask = (question: Pick<NameServerQuestion, 'name' | 'type'>) =>
          askNameServer({ server: live.endpoint, transport, ...question }, LATER);
        assert.deepEqual(await ask(REAL), { kind: 'answer', values: ['192.0.2.80'], ttlSeconds: 20 });
        const six = await ask({ name: 'www.example.com.', type: 'AAAA' });
        assert.deepEqual(six, { kind: 'answer', values: ['2001:db8::80'], ttlSeconds: 20 });
        const alias = await ask({ name: 'alias.example.com.', type: 'CNAME' });
        assert.deepEqual(alias, { kind: 'answer', values: ['www.example.com'], ttlSeconds: 60 });
        const soa = await ask({ name: 'example.com.', type: 'SOA' });
        assert.deepEqual(soa, { kind: 'answer', values: ['2024010101'], ttlSeconds: 3_600 });
        const none = await ask({ name: 'nobody.example.com.', type: 'A' });
        assert.deepEqual(none, { kind: 'answer', values: [], ttlSeconds: null });
      });

  for (const transport of ['udp', 'tcp'] as const)
    test(`by ${transport} nothing is left at the signal of whoever asked`, async () => {
      await using live = await startLiveServer();
      const { signal } = new AbortController();
      const answer = await askNameServer({ server: live.endpoint, transport, ...REAL }, { signal });
      assert.equal(answer.kind, 'answer');
      assert.deepEqual(getEventListeners(signal, 'abort'), []);
    });

  test('what is no authority is no answer, unless a resolver was asked; a refusal never is', async () => {
    await using live = await startLiveServer();
    const foreign = { server: live.endpoint, name: 'www.example.net.', type: 'A' } as const;
    assert.deepEqual(await askNameServer(foreign, LATER), {
      kind: 'silent',
      reason: 'it is not authoritative, rcode 5',
    });
    const resolver = await askNameServer({ ...foreign, isRecursive: true }, LATER);
    assert.deepEqual(resolver, { kind: 'silent', reason: 'it answers rcode 5' });
  });

  test('a server that takes TCP connections and says nothing is given up, and its socket with it', async () => {
    const ends: Promise<unknown>[] = [];
    const listener = createServer((socket: Socket) => {
      ends.push(once(socket, 'close'));
      socket.on('error', () => undefined).resume();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const answer = await askNameServer({ server: { host: '127.0.0.1', port }, transport: 'tcp', ...REAL }, soon());
    assert.equal(answer.kind, 'silent');
    // The listener may hear of the connection after the one who gave it up.
    await waitUntil('the connection', () => ends.length === 1);
    await Promise.all(ends);
    listener.close();
  });

  for (const [what, reply] of [
    ['another id', (id: number) => answerTo(id + 1, 'www.example.com')],
    ['another question', (id: number) => answerTo(id, 'ftp.example.com')],
    ['half a message', (id: number) => answerTo(id, 'www.example.com').subarray(0, 20)],
  ] as const)
    test(`${what} over TCP is no answer`, async () => {
      const listener = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (query) => socket.end(reply(query.readUInt16BE(2))));
      }).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const { port } = listener.address() as { port: number };
      const server = { host: '127.0.0.1', port };
      assert.equal((await askNameServer({ server, transport: 'tcp', ...REAL }, LATER)).kind, 'silent');
      listener.close();
    });

  test('silence by UDP ends at the deadline', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const server = { host: '127.0.0.1', port: socket.address().port };
    const answer = await askNameServer({ server, ...REAL }, soon());
    assert.deepEqual(answer, { kind: 'silent', reason: 'no answer before the deadline' });
    socket.close();
  });
});

describe('findNameServers', () => {
  test('gives the servers of the NS records with all their addresses', async () => {
    await using live = await startLiveServer();
    const found = await findNameServers('example.com.', { resolvers: [live.endpoint], ...LATER });
    assert.deepEqual(found, {
      kind: 'found',
      servers: [
        { name: 'ns1.example.com.', addresses: ['192.0.2.1', '2001:db8::1'] },
        { name: 'ns2.example.com.', addresses: ['192.0.2.2'] },
      ],
    });
  });

  test('says why there are none, and stops at the deadline', async () => {
    await using live = await startLiveServer();
    const none = await findNameServers('example.net.', { resolvers: [live.endpoint], ...LATER });
    assert.match(none.kind === 'unknown' ? none.reason : '', /^Cannot find the name servers of example\.net\.: /);
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const server = { host: '127.0.0.1', port: socket.address().port };
    assert.equal((await findNameServers('example.com.', { resolvers: [server], ...soon() })).kind, 'unknown');
    socket.close();
  });
});

/** A message that claims to answer, with its length before it. */
function answerTo(id: number, name: string): Buffer {
  const packet = new Packet();
  Object.assign(packet.header, { id: id % 65_536, qr: 1, aa: 1 });
  packet.questions.push({ name, type: Packet.TYPE.A, class: Packet.CLASS.IN } as (typeof packet.questions)[number]);
  const message = packet.toBuffer();
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
