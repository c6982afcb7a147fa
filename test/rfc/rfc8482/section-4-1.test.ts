// RFC 8482 section 4.1: ANY is answered with one RRset of the name, so that it cannot be used to amplify.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, show } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(EXAMPLE_ZONE);

for (const transport of ['udp', 'tcp'] as const) {
  test(`one RRset by ${transport}`, () => {
    const message = ask(ZONE, 'www.example.com. ANY', { transport });
    assert.equal(show(message), 'NOERROR aa\nan www.example.com. 20 A 192.0.2.80');
  });
}

test('an alias is given and not followed', () => {
  assert.equal(
    show(ask(ZONE, 'alias.example.com. ANY')),
    'NOERROR aa\nan alias.example.com. 60 CNAME www.example.com.',
  );
});

test('names without data, unknown names and delegations are as for any type', () => {
  assert.match(show(ask(ZONE, '_tcp.example.com. ANY')), /^NOERROR aa\nau example\.com\. 5 SOA/);
  assert.match(show(ask(ZONE, 'nope.example.com. ANY')), /^NXDOMAIN aa/);
  assert.match(show(ask(ZONE, 'x.sub.example.com. ANY')), /^NOERROR\nau sub\.example\.com\. 600 NS/);
});
