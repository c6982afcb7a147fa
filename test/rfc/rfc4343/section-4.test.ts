// RFC 4343 section 4: names match without regard to case, and the question comes back in the letters it was asked in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ask } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONE = zoneOf(EXAMPLE_ZONE);

test('any mixture of cases finds the name and is preserved', () => {
  const name = 'host.wild.example.com.';
  const mixture = fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length });
  fc.assert(
    fc.property(mixture, (upper) => {
      const asked = [...name].map((letter, index) => (upper[index] === true ? letter.toUpperCase() : letter)).join('');
      const message = ask(ZONE, `${asked} A`);
      assert.equal(message.questions[0]?.name, asked);
      assert.deepEqual(
        message.answers.map((record) => [record.name, record.text]),
        [[asked, '192.0.2.100']],
      );
    }),
  );
});

test('wildcards, delegations and the apex match in upper case', () => {
  assert.equal(ask(ZONE, 'ANY.WILD.EXAMPLE.COM. A').answers[0]?.name, 'ANY.WILD.EXAMPLE.COM.');
  assert.equal(ask(ZONE, 'X.SUB.EXAMPLE.COM. A').authorities[0]?.type, 'NS');
  assert.equal(ask(ZONE, 'EXAMPLE.COM. SOA').answers.length, 1);
});

test('only ASCII letters have a case', () => {
  assert.equal(ask(ZONE, '\\215\\215\\215.example.com. A').rcode, 3);
  // "@" and "`" differ by the bit that tells upper from lower case letters.
  const zone = zoneOf(`
    example.com. 60 SOA ns.example.net. hostmaster.example.com. 9 1 1 1 1
    example.com. 60 NS ns.example.net.
    \`.example.com. 60 A 192.0.2.1`);
  assert.equal(ask(zone, '\\@.example.com. A').rcode, 3);
});
