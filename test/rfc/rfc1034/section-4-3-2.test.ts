// RFC 1034 section 4.3.2: the algorithm of a name server, question by question. `aa` stands for the AA bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, show } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(EXAMPLE_ZONE);
const SOA = 'au example.com. 5 SOA ns1.example.com. hostmaster.example.com. 2024010101 3600 600 86400 5';
const REFERRAL = `au sub.example.com. 600 NS ns.sub.example.com.
au sub.example.com. 600 NS ns1.example.com.
ad ns.sub.example.com. 600 A 192.0.2.53
ad ns1.example.com. 3600 A 192.0.2.1
ad ns1.example.com. 3600 AAAA 2001:db8::1`;

const STORIES: readonly (readonly [what: string, question: string, answer: string])[] = [
  ['step 3a: exact match', 'www.example.com. A', 'NOERROR aa\nan www.example.com. 20 A 192.0.2.80'],
  [
    'step 3a: a CNAME is followed inside the zone',
    'second.example.com. A',
    `NOERROR aa
an second.example.com. 60 CNAME alias.example.com.
an alias.example.com. 60 CNAME www.example.com.
an www.example.com. 20 A 192.0.2.80`,
  ],
  [
    'step 3a: a CNAME itself is not followed',
    'second.example.com. CNAME',
    'NOERROR aa\nan second.example.com. 60 CNAME alias.example.com.',
  ],
  [
    'step 3a: a CNAME that leaves the zone ends the answer',
    'away.example.com. A',
    'NOERROR aa\nan away.example.com. 60 CNAME www.example.net.',
  ],
  [
    'the rcode is that of the last name (RFC 6604 section 3)',
    'dangling.example.com. A',
    `NXDOMAIN aa\nan dangling.example.com. 60 CNAME nobody.example.com.\n${SOA}`,
  ],
  [
    'a CNAME to a name without the type ends in no data',
    'alias.example.com. MX',
    `NOERROR aa\nan alias.example.com. 60 CNAME www.example.com.\n${SOA}`,
  ],
  ['step 3b: below a delegation', 'a.b.sub.example.com. A', `NOERROR\n${REFERRAL}`],
  ['step 3b: at a delegation', 'sub.example.com. A', `NOERROR\n${REFERRAL}`],
  ['step 3b: NS at a delegation is not authoritative', 'sub.example.com. NS', `NOERROR\n${REFERRAL}`],
  ['step 3b: glue is not answered with authority', 'ns.sub.example.com. A', `NOERROR\n${REFERRAL}`],
  [
    'step 3b: an alias into a delegation',
    'lost.example.com. A',
    `NOERROR aa\nan lost.example.com. 60 CNAME deep.sub.example.com.\n${REFERRAL}`,
  ],
  ['step 3c: no such name', 'nope.example.com. A', `NXDOMAIN aa\n${SOA}`],
  ['step 3c: below a name that exists', 'a.www.example.com. A', `NXDOMAIN aa\n${SOA}`],
  ['no data', 'www.example.com. MX', `NOERROR aa\n${SOA}`],
  ['no data for a type unknown here', 'www.example.com. TYPE65280', `NOERROR aa\n${SOA}`],
  ['an empty non-terminal exists', '_tcp.example.com. SRV', `NOERROR aa\n${SOA}`],
  [
    'step 6: addresses of name servers',
    'example.com. NS',
    `NOERROR aa
an example.com. 3600 NS ns1.example.com.
an example.com. 3600 NS ns2.example.com.
ad ns1.example.com. 3600 A 192.0.2.1
ad ns1.example.com. 3600 AAAA 2001:db8::1
ad ns2.example.com. 3600 A 192.0.2.2`,
  ],
  [
    'step 6: addresses of mail servers that are ours',
    'example.com. MX',
    `NOERROR aa
an example.com. 300 MX 10 mail.example.com.
an example.com. 300 MX 20 mail.example.net.
ad mail.example.com. 300 A 192.0.2.25`,
  ],
  [
    'step 6: addresses of services',
    '_sip._tcp.example.com. SRV',
    'NOERROR aa\nan _sip._tcp.example.com. 300 SRV 10 5 5060 mail.example.com.\nad mail.example.com. 300 A 192.0.2.25',
  ],
  ['the apex', 'example.com. SOA', `NOERROR aa\n${SOA.replace('au', 'an').replace(' 5 ', ' 3600 ')}`],
  ['outside our zones', 'www.example.net. A', 'REFUSED'],
  ['above our zones', 'com. A', 'REFUSED'],
  ['a name that only looks like ours', 'notexample.com. A', 'REFUSED'],
  ['one label with the octets of our apex', '\\007example\\003com. A', 'REFUSED'],
];

for (const [what, question, expected] of STORIES) {
  test(`${question}: ${what}`, () => assert.equal(show(ask(ZONE, question)), expected));
}

test('the deepest of nested zones answers', () => {
  const inner = zoneOf(`
    ha.example.com.     60 SOA ns.ha.example.com. hostmaster.example.com. 9 1 1 1 1
    ha.example.com.     60 NS  ns.ha.example.com.
    ns.ha.example.com.  60 A   192.0.2.9
    www.ha.example.com. 60 A   192.0.2.10`);
  for (const zones of [
    [ZONE, inner],
    [inner, ZONE],
  ]) {
    assert.equal(show(ask(zones, 'www.ha.example.com. A')), 'NOERROR aa\nan www.ha.example.com. 60 A 192.0.2.10');
  }
});

test('aliases are followed as far as checkZone lets them go, to the end', () => {
  const links = Array.from({ length: 8 }, (_, index) => `n${index}.example.com. 1 CNAME n${index + 1}.example.com.`);
  const zone = zoneOf(`
    example.com. 60 SOA ns1.example.com. hostmaster.example.com. 9 1 1 1 1
    example.com. 60 NS  ns1.example.com.
    ns1.example.com. 60 A 192.0.2.1
    n8.example.com. 60 A 192.0.2.8
    ${links.join('\n')}`);
  const { answers } = ask(zone, 'n0.example.com. A');
  assert.deepEqual([answers.length, answers.at(-1)?.text], [9, '192.0.2.8']);
});
