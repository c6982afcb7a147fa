// RFC 9471 section 3.1: a referral holds all in-domain glue or says that it is truncated; other addresses may be missing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from '../../support/dns/ask.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const APEX = `
  example.com.     60 SOA ns1.example.com. hostmaster.example.com. 9 1 1 1 1
  example.com.     60 NS  ns1.example.com.
  ns1.example.com. 60 A   192.0.2.1`;

function delegation(servers: number, place: string): string {
  const lines = Array.from({ length: servers }, (_, index) => {
    const name = `ns${index}-${'x'.repeat(20)}.${place}`;
    return `sub.example.com. 60 NS ${name}\n${name} 60 A 192.0.2.${index}\n${name} 60 AAAA 2001:db8::${index}`;
  });
  return `${APEX}\n${lines.join('\n')}`;
}

test('in-domain glue that does not fit truncates', () => {
  const zone = zoneOf(delegation(8, 'sub.example.com.'));
  const message = ask(zone, 'www.sub.example.com. A');
  assert.deepEqual([message.isTruncated, message.authorities.length, message.additionals.length], [true, 0, 0]);
  const whole = ask(zone, 'www.sub.example.com. A', { transport: 'tcp' });
  assert.deepEqual([whole.isTruncated, whole.authorities.length, whole.additionals.length], [false, 8, 16]);
});

test('sibling glue that does not fit is left out', () => {
  const zone = zoneOf(delegation(6, 'hosts.example.com.'));
  const message = ask(zone, 'www.sub.example.com. A');
  assert.deepEqual([message.isTruncated, message.authorities.length], [false, 6]);
  assert.ok(message.additionals.length < 12);
});
