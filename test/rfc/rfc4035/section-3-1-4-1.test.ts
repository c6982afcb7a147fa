// RFC 4035 section 3.1.4.1: DS is data of the parent, whether the child is delegated or served here as well.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, show } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const PARENT = zoneOf(EXAMPLE_ZONE);
const CHILD = zoneOf(`
  sub.example.com. 60 SOA ns.sub.example.com. hostmaster.example.com. 9 1 1 1 1
  sub.example.com. 60 NS  ns.sub.example.com.
  ns.sub.example.com. 60 A 192.0.2.53`);

test('DS at a delegation is answered by the parent', () => {
  assert.match(show(ask(PARENT, 'sub.example.com. DS')), /^NOERROR aa\nau example\.com\. 5 SOA/);
});

test('DS below a delegation is referred', () => {
  assert.match(show(ask(PARENT, 'x.sub.example.com. DS')), /^NOERROR\nau sub\.example\.com\. 600 NS/);
});

test('with parent and child on one server the parent answers for DS, the child for the rest', () => {
  for (const zones of [
    [PARENT, CHILD],
    [CHILD, PARENT],
  ]) {
    assert.equal(ask(zones, 'sub.example.com. DS').authorities[0]?.name, 'example.com.');
    assert.equal(ask(zones, 'sub.example.com. MX').authorities[0]?.name, 'sub.example.com.');
  }
});

test('a server of the child alone answers for DS at its apex', () => {
  assert.match(show(ask(CHILD, 'sub.example.com. DS')), /^NOERROR aa\nau sub\.example\.com\. 1 SOA/);
});
