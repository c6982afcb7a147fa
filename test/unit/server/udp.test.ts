// The UDP side of a live server: it answers, and no datagram makes it stop answering.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { startNameServer } from '../../../src/server/name-server.ts';
import { decoded, queryOctets, show } from '../../support/dns/ask.ts';
import { exchangeUdp } from '../../support/dns/dns-sockets.ts';
import { collectingLogger, EXAMPLE_STATE, startLiveServer } from '../../support/dns/live-server.ts';

const QUERY = queryOctets('www.example.com.', 'A', { edns: { udpOctets: 1232 } });
const ANSWER = 'NOERROR aa\nan www.example.com. 20 A 192.0.2.80';

describe('a live name server on UDP', () => {
  test('answers on IPv4 and IPv6', async () => {
    await using live = await startLiveServer({ hosts: ['127.0.0.1', '::1'] });
    for (const endpoint of live.server.endpoints) {
      assert.equal(show(decoded(await exchangeUdp(endpoint, QUERY))), ANSWER);
    }
    const { queries, responses } = live.server.counts();
    assert.deepEqual([queries, responses], [{ udp: 2, tcp: 0 }, { NOERROR: 2 }]);
  });

  test('IPv4 and IPv6 wildcards share one port', async () => {
    await using first = await startLiveServer({ hosts: ['0.0.0.0'] });
    const { port } = first.endpoint;
    await using second = await startNameServer({
      endpoints: [{ host: '::', port }],
      clock: first.clock,
      logger: collectingLogger([]),
      state: () => EXAMPLE_STATE,
    });
    assert.equal(show(decoded(await exchangeUdp({ host: '::1', port }, QUERY))), ANSWER);
    assert.equal(second.counts().queries.udp, 1);
    assert.equal(first.server.counts().queries.udp, 0);
  });

  test('a swap of the state holds for the next query', async () => {
    await using live = await startLiveServer();
    live.serve({ ...EXAMPLE_STATE, mode: { kind: 'lost', ttlCapSeconds: 5 } });
    assert.equal(show(decoded(await exchangeUdp(live.endpoint, QUERY))), ANSWER.replace(' 20 ', ' 5 '));
    live.serve({ ...EXAMPLE_STATE, mode: { kind: 'refuse' } });
    assert.equal(show(decoded(await exchangeUdp(live.endpoint, QUERY))), 'SERVFAIL');
  });

  test('random datagrams do not stop it', async () => {
    await using live = await startLiveServer();
    const garbage = fc.sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 2_000, seed: 42 });
    const mutated = fc.sample(fc.tuple(fc.nat(QUERY.length - 1), fc.nat(255)), { numRuns: 2_000, seed: 43 });
    const socket = createSocket('udp4');
    for (const octets of garbage) socket.send(octets, live.endpoint.port, live.endpoint.host);
    for (const [position, value] of mutated)
      socket.send(Uint8Array.from(QUERY).fill(value, position, position + 1), live.endpoint.port, live.endpoint.host);
    assert.equal(show(decoded(await exchangeUdp(live.endpoint, QUERY))), ANSWER);
    socket.close();
    await once(socket, 'close');
    assert.equal(live.server.counts().faults, 0);
    assert.deepEqual(live.logged, []);
  });

  test('responses and fragments of a header get silence, and are counted', async () => {
    await using live = await startLiveServer();
    const response = Uint8Array.from(QUERY);
    response[2] = 0x80;
    await exchangeUdp(live.endpoint, response, Uint8Array.from([1, 2, 3]), QUERY);
    const { dropped, queries } = live.server.counts();
    assert.equal(dropped.silent, 2);
    assert.equal(queries.udp, 3);
  });

  test('a datagram from port 0 is dropped and does not end the process', async (t) => {
    await using live = await startLiveServer();
    const script = [
      'import socket, struct, sys',
      'port, payload = int(sys.argv[1]), bytes.fromhex(sys.argv[2])',
      's = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)',
      's.sendto(struct.pack("!HHHH", 0, port, 8 + len(payload), 0) + payload, ("127.0.0.1", 0))',
    ].join('\n');
    const argv = ['-c', script, String(live.endpoint.port), Buffer.from(QUERY).toString('hex')];
    const sent = spawnSync('python3', argv, { encoding: 'utf8' });
    if (sent.status !== 0) {
      t.skip(`raw sockets need root and python3: ${sent.stderr.trim().split('\n').at(-1) ?? String(sent.error)}`);
      return;
    }
    assert.equal(show(decoded(await exchangeUdp(live.endpoint, QUERY))), ANSWER);
    assert.equal(live.server.counts().dropped.unanswerable, 1);
  });

  test('a bug behind the socket costs one answer and one log line', async () => {
    await using live = await startLiveServer();
    live.serve(() => assert.fail('a bug'));
    const socket = createSocket('udp4');
    for (let count = 0; count < 3; count += 1) socket.send(QUERY, live.endpoint.port, live.endpoint.host);
    while (live.server.counts().faults < 3) await new Promise((resolve) => setImmediate(resolve));
    socket.close();
    live.serve(EXAMPLE_STATE);
    assert.equal(show(decoded(await exchangeUdp(live.endpoint, QUERY))), ANSWER);
    assert.deepEqual(live.logged, ['Cannot answer a DNS message: the code is wrong']);
  });
});

describe('startNameServer', () => {
  test('names the endpoint whose port is taken, for UDP and TCP', async () => {
    await using live = await startLiveServer();
    const again = startNameServer({
      endpoints: [{ host: '127.0.0.1', port: 0 }, live.endpoint],
      clock: live.clock,
      logger: collectingLogger([]),
      state: () => EXAMPLE_STATE,
    });
    await assert.rejects(again, {
      code: 'ONEUP_PORT_IN_USE',
      message: `Cannot listen on tcp 127.0.0.1:${live.endpoint.port}: another socket has this address`,
    });
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
    const { port } = taken.address();
    const udp = startNameServer({
      endpoints: [{ host: '127.0.0.1', port }],
      clock: live.clock,
      logger: collectingLogger([]),
      state: () => EXAMPLE_STATE,
    });
    await assert.rejects(udp, { code: 'ONEUP_PORT_IN_USE', message: new RegExp(`udp 127\\.0\\.0\\.1:${port}`) });
    taken.close();
  });

  test('says so when the address is not of this machine', async () => {
    await assert.rejects(startLiveServer({ hosts: ['192.0.2.1'] }), {
      code: 'ONEUP_LISTEN_FAILED',
      message: 'Cannot listen on tcp 192.0.2.1:0: EADDRNOTAVAIL',
    });
  });

  test('frees its ports when disposed', async () => {
    const live = await startLiveServer();
    await live[Symbol.asyncDispose]();
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(live.endpoint.port, '127.0.0.1', resolve);
    });
    socket.close();
  });
});
