// DNS checks against a real BIND, and against servers that answer another question, cut off, late, nonsense or not at all.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { DnsTarget } from '../../../src/config/check-target.ts';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { look } from '../../support/look.ts';
import { type SmallServer, startSmallServer } from '../../support/servers/small-server.ts';

const ZONE = `$ORIGIN example.com.
@ 60 SOA ns hostmaster 42 60 60 60 60
@ 60 NS ns
@ 60 MX 10 mail
@ 60 TXT "one" "two"
ns 60 A 127.0.0.1
www 60 A 192.0.2.1
www 60 A 192.0.2.2
www 60 AAAA 2001:db8::1
alias 60 CNAME www
ptr 60 PTR www
`;

function startBind(): Promise<SmallServer> {
  return startSmallServer({
    program: 'named',
    debianPackage: 'bind9',
    args: ({ directory }) => ['-f', '-c', `${directory}/named.conf`],
    files: ({ port, directory }) => ({
      'example.zone': ZONE,
      'named.conf': `options { directory "${directory}"; pid-file none; session-keyfile none; listen-on port ${port} { 127.0.0.1; };
listen-on-v6 { none; }; recursion no; dnssec-validation no; managed-keys-directory "${directory}"; };
controls { };
zone "example.com" { type primary; file "example.zone"; };
`,
    }),
  });
}

function target(port: number, change: Partial<DnsTarget> = {}): DnsTarget {
  const rest = { rcode: 'NOERROR', values: null, isRecursive: false, waitMs: 15_000 } as const;
  return { kind: 'dns', host: '127.0.0.1', port, name: 'www.example.com.', type: 'A', ...rest, ...change };
}

describe('dnsCheck and BIND', () => {
  let bind: SmallServer;
  before(async () => {
    bind = await startBind();
    // It answers before it has read its zone.
    await waitUntil('BIND to serve its zone', async () => (await look(target(bind.port))).kind === 'pass');
  });
  after(async () => bind[Symbol.asyncDispose]());

  const good: readonly Partial<DnsTarget>[] = [
    {},
    { values: ['192.0.2.2', '192.0.2.1'] },
    { name: 'WWW.Example.com.', values: ['192.0.2.1', '192.0.2.2'] },
    { type: 'AAAA', values: ['2001:DB8:0::1'] },
    { name: 'alias.example.com.', type: 'CNAME', values: ['WWW.example.com.'] },
    { name: 'ptr.example.com.', type: 'PTR', values: ['www.example.com.'] },
    { name: 'example.com.', type: 'NS', values: ['ns.example.com.'] },
    { name: 'example.com.', type: 'MX', values: ['10 mail.example.com.'] },
    { name: 'example.com.', type: 'TXT', values: ['onetwo'] },
    { name: 'example.com.', type: 'SOA', values: ['42'] },
    { name: 'alias.example.com.', values: ['192.0.2.1', '192.0.2.2'] },
    { name: 'gone.example.com.', rcode: 'NXDOMAIN' },
    { name: 'www.example.net.', rcode: 'REFUSED', isRecursive: true },
    { type: 'MX', values: [] },
  ];
  for (const change of good) {
    test(`passes: ${JSON.stringify(change)}`, async () => {
      const result = await look(target(bind.port, change));
      assert.equal(result.kind, 'pass', JSON.stringify(result));
      assert.deepEqual(Object.keys(result.phases), ['resolve', 'firstByte']);
    });
  }

  const bad: readonly [change: Partial<DnsTarget>, reason: RegExp][] = [
    [{ values: ['192.0.2.1'] }, /the values were 192\.0\.2\.[12], 192\.0\.2\.[12], expected 192\.0\.2\.1/],
    [{ values: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }, /the values were/],
    [{ name: 'gone.example.com.' }, /the code was NXDOMAIN, expected NOERROR/],
    [{ name: 'www.example.net.' }, /the code was REFUSED/],
    [{ type: 'MX', values: ['10 mail.example.com.'] }, /the values were none/],
  ];
  for (const [change, reason] of bad) {
    test(`fails: ${JSON.stringify(change)}`, async () => {
      const result = await look(target(bind.port, change));
      assert.ok(result.kind === 'fail', JSON.stringify(result));
      assert.equal(result.reach, 'reached');
      assert.match(result.reason, reason);
    });
  }
});

type Reply = (query: Buffer) => Buffer | null;

async function answering(reply: Reply): Promise<{ readonly port: number } & AsyncDisposable> {
  const socket: Socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const bytes = reply(query);
    if (bytes !== null) socket.send(bytes, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, [Symbol.asyncDispose]: async () => void socket.close() };
}

/** The query with the bits of an answer: QR and AA set, the second byte of flags as given. */
function echo(query: Buffer, { flags = 0x8400 } = {}): Buffer {
  const answer = Buffer.from(query);
  answer.writeUInt16BE(flags, 2);
  return answer;
}

describe('dnsCheck and servers that lie', () => {
  const cases: readonly [name: string, reply: Reply, change: Partial<DnsTarget>, kind: string, reason: RegExp][] = [
    ['nobody', () => null, {}, 'fail', /no answer before the deadline/],
    ['garbage', () => Buffer.from('nonsense'), {}, 'fail', /no answer before the deadline, only one/],
    ['another id', (query) => Buffer.concat([Buffer.from([0, 0]), echo(query).subarray(2)]), {}, 'fail', /only one/],
    ['a query', (query) => query, {}, 'fail', /another question/],
    ['no authority', (query) => echo(query, { flags: 0x8000 }), {}, 'fail', /not authoritative/],
    ['another name', (query) => flipName(echo(query)), {}, 'fail', /another question/],
    ['cut off', (query) => echo(query, { flags: 0x8600 }), { values: ['192.0.2.1'] }, 'error', /cut off/],
    ['a header alone', (query) => echo(query).subarray(0, 12), {}, 'fail', /another question|only one/],
    ['65 KB', (query) => Buffer.concat([echo(query), Buffer.alloc(60_000, 0xc0)]), { values: [] }, 'pass', /$/],
  ];
  for (const [name, reply, change, kind, reason] of cases) {
    test(`${name}: ${kind}`, async () => {
      await using server = await answering(reply);
      const result = await look(target(server.port, { waitMs: 1_000, ...change }));
      assert.equal(result.kind, kind, JSON.stringify(result));
      if (result.kind === 'pass') return;
      assert.match(result.reason, reason);
      assert.ok(result.reason.length < 400);
    });
  }

  test('the deadline is kept when the client waits longer, and what is left goes away', async () => {
    await using server = await answering(() => null);
    const result = await look(target(server.port, { waitMs: 1_000 }), 150);
    assert.ok(result.kind === 'fail');
    assert.equal(result.reach, 'unknown');
  });

  test('a name that does not resolve is an error of ours (S22)', async () => {
    assert.equal((await look(target(53, { host: 'nowhere.invalid' }))).kind, 'error');
  });
});

/** The first letter of the name becomes another one. */
function flipName(answer: Buffer): Buffer {
  answer[13] = 0x78;
  return answer;
}
