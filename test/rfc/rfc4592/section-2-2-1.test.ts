// RFC 4592 section 2.2.1: the example zone of the RFC and every question that it lists with its outcome.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../support/dns/ask.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(`
  example.                 3600 SOA   ns.example.com. hostmaster.example. 1 1 1 1 1
  example.                 3600 NS    ns.example.com.
  example.                 3600 NS    ns.example.net.
  *.example.               3600 TXT   "this is a wildcard"
  *.example.               3600 MX    10 host1.example.
  sub.*.example.           3600 TXT   "this is not a wildcard"
  host1.example.           3600 A     192.0.2.1
  _ssh._tcp.host1.example. 3600 SRV   0 0 22 host1.example.
  _ssh._tcp.host2.example. 3600 SRV   0 0 22 host2.example.net.
  subdel.example.          3600 NS    ns.example.com.
  subdel.example.          3600 NS    ns.example.net.`);

/** The questions of the section, in its order. */
for (const [question, outcome] of [
  ['host3.example. MX', 'host3.example. MX 10 host1.example.'],
  ['host3.example. A', 'no data'],
  ['foo.bar.example. TXT', 'foo.bar.example. TXT "this is a wildcard"'],
  ['host1.example. MX', 'no data'],
  ['sub.*.example. MX', 'no data'],
  ['_telnet._tcp.host1.example. SRV', 'no such name'],
  ['host.subdel.example. A', 'referral'],
  ['ghost.*.example. MX', 'no such name'],
  ['*.example. TXT', '*.example. TXT "this is a wildcard"'],
  ['_tcp.host2.example. TXT', 'no data'],
  ['host2.example. TXT', 'no data'],
] as const) {
  test(`${question}: ${outcome}`, () => {
    const message = ask(ZONE, question);
    const [record] = message.answers;
    if (record !== undefined) assert.equal(`${record.name} ${record.type} ${record.text}`, outcome);
    else if (!message.isAuthoritative) assert.equal(outcome, 'referral');
    else assert.equal(message.rcode === 3 ? 'no such name' : 'no data', outcome);
  });
}

test('a wildcard alias is followed (section 3.3.3)', () => {
  const zone = zoneOf(`
    example.         60 SOA   ns.example.com. hostmaster.example. 1 1 1 1 1
    example.         60 NS    ns.example.com.
    *.a.example.     60 CNAME x.b.example.
    *.b.example.     60 A     192.0.2.7`);
  const shown = ask(zone, 'q.a.example. A').answers.map(({ name, type, text }) => `${name} ${type} ${text}`);
  assert.deepEqual(shown, ['q.a.example. CNAME x.b.example.', 'x.b.example. A 192.0.2.7']);
});
