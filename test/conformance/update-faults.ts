// What can go wrong at a server of dynamic updates, the same for each: strangers, wrong keys, clocks, records that do not fit,
// hands between a reading and its write, and requests that come late.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult, DnsProvider } from '../../src/ports/dns-provider.ts';
import { askSerial } from '../support/dns/ask-serial.ts';
import { openUpdateRelay, type UpdateRelay } from '../support/dns/update-relay.ts';
import { updateClient, waitForZones } from '../support/provider-world-rfc2136.ts';
import { OTHER_KEY, UPDATE_KEY, type UpdateServer, type UpdateServerOptions } from '../support/servers/update-zones.ts';
import { assertApplied, assertConflict, create, ZONE } from './provider-samples.ts';

const signal = new AbortController().signal;
const HOUR_MS = 3_600_000;
const NXRRSET = 8;
const RACERS = 6;
const ROUNDS = 5;
const RECORDS = [
  'www.example.com. 60 IN A 192.0.2.1',
  'alias.example.com. 60 IN CNAME www.example.com.',
  'sub.example.com. 60 IN NS ns.example.org.',
  '*.wild.example.com. 60 IN A 192.0.2.99',
  '*.wild.example.com. 60 IN TXT "wild"',
];

/** How servers differ, as providers/rfc2136/README.md tells. */
export type UpdateFaultsOptions = {
  readonly start: (options: UpdateServerOptions) => Promise<UpdateServer>;
  /** Says by TSIG errors what is wrong with a key. */
  readonly explainsKeys: boolean;
  /** Signs its refusal of a key that may not write, so that it is certain. */
  readonly signsRefusals: boolean;
};

export function describeUpdateFaults(kind: string, { start, explainsKeys, signsRefusals }: UpdateFaultsOptions): void {
  const explained = (reason: RegExp) =>
    explainsKeys ? reason : /NOTAUTH without a signature: it does not take the key .*, our secret for it, or our clock/;
  describe(`faults of updates: ${kind}`, () => {
    let server: UpdateServer;
    let relay: UpdateRelay;
    let provider: DnsProvider;
    before(async () => {
      server = await start({ records: RECORDS });
      relay = await openUpdateRelay(server.port);
      provider = updateClient(relay.port);
      await waitForZones(provider);
    });
    after(async () => {
      await relay[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    const apply = (changes: readonly RrsetChange[], by = provider, zone = ZONE) =>
      by.apply(zone, changes, { idempotencyKey: randomUUID(), signal });
    const list = (...names: readonly string[]) => provider.list(ZONE, { names, signal });

    /** Neither reading nor writing is possible, for this reason. */
    async function assertBoth(by: DnsProvider, code: string, reason: RegExp, zone = ZONE): Promise<void> {
      const name = `new.${zone}`;
      const failed = await apply([create(address(name, '192.0.2.1'))], by, zone);
      assertFailed(failed, { code, applied: 'none', reason });
      const isSame = (error: unknown) =>
        error instanceof OneupError && error.code === code && reason.test(error.message);
      await assert.rejects(by.list(zone, { names: [name], signal }), isSame);
    }

    test('a zone that is not there', async () => {
      await assertBoth(
        provider,
        'ONEUP_PROVIDER_ZONE_UNKNOWN',
        /does not serve the zone example\.org\./,
        'example.org.',
      );
    });

    test('a zone that is a name of another one, and a name that is delegated away', async () => {
      await assertBoth(
        provider,
        'ONEUP_PROVIDER_ZONE_UNKNOWN',
        /does not serve the zone www\.example\.com\./,
        `www.${ZONE}`,
      );
      const failed = await apply([create(address(`a.sub.${ZONE}`, '192.0.2.1'))]);
      assertFailed(failed, { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN', applied: 'none', reason: /delegated/ });
    });

    test('a key that the server does not know', async () => {
      const by = updateClient(server.port, { key: { ...UPDATE_KEY, name: 'nobody' } });
      await assertBoth(
        by,
        'ONEUP_PROVIDER_DENIED',
        explained(/does not know the key nobody\. with hmac-sha256.* \(BADKEY\)/),
      );
    });

    test('a key with another secret', async () => {
      const by = updateClient(server.port, { key: { ...UPDATE_KEY, secret: OTHER_KEY.secret } });
      await assertBoth(by, 'ONEUP_PROVIDER_DENIED', explained(/another secret for the key oneup-key\. \(BADSIG\)/));
    });

    test('a clock that is an hour off', async () => {
      const ahead = updateClient(server.port, { clockAheadMs: HOUR_MS });
      await assertBoth(
        ahead,
        'ONEUP_PROVIDER_DENIED',
        explained(/our clock is 3[56]\d\d s ahead of that of .*BADTIME/),
      );
      const behind = updateClient(server.port, { clockAheadMs: -HOUR_MS });
      await assertBoth(behind, 'ONEUP_PROVIDER_DENIED', explained(/our clock is 3[56]\d\d s behind that of .*BADTIME/));
    });

    test('a key without the right to write', async () => {
      const by = updateClient(server.port, { key: OTHER_KEY });
      const failed = await apply([create(address(`right.${ZONE}`, '192.0.2.1'))], by);
      const expected = signsRefusals
        ? { applied: 'none', reason: /REFUSED/ }
        : { applied: 'unknown', reason: /no right here/ };
      assertFailed(failed, { code: 'ONEUP_PROVIDER_DENIED', ...expected });
      assert.deepEqual(await list(`right.${ZONE}`), []);
    });

    test('a record that is there and not ours', async () => {
      const name = `www.${ZONE}`;
      assertConflict(await apply([create(address(name, '192.0.2.7'))]), [address(name, '192.0.2.1', 60)]);
    });

    test('a CNAME beside other data, and at the apex', async () => {
      for (const rrset of [alias(`www.${ZONE}`), address(`alias.${ZONE}`, '192.0.2.1'), alias(ZONE)]) {
        const failed = await apply([create(rrset)]);
        assertFailed(failed, { code: 'ONEUP_PROVIDER_RECORD_CONFLICT', applied: 'none', reason: /cannot stand/ });
      }
      const both = [create(alias(`both.${ZONE}`)), create(address(`both.${ZONE}`, '192.0.2.1'))];
      const failed = await apply(both);
      assertFailed(failed, { code: 'ONEUP_PROVIDER_RECORD_CONFLICT', applied: 'none', reason: /CNAME and other data/ });
    });

    test('a CNAME takes the place of an address and gives it back', async () => {
      const name = `turn.${ZONE}`;
      assertApplied(await apply([create(address(name, '192.0.2.1'))]));
      const there = [{ before: address(name, '192.0.2.1'), after: null }, create(alias(name))];
      assertApplied(await apply(there));
      assert.deepEqual(await list(name), [alias(name)]);
      assertApplied(await apply([{ before: alias(name), after: null }, create(address(name, '192.0.2.2'))]));
      assert.deepEqual(await list(name), [address(name, '192.0.2.2')]);
    });

    test('a wildcard is not taken for the name', async () => {
      const name = `app.wild.${ZONE}`;
      assert.deepEqual(await list(name, `_oneup.${name}`), []);
      assertApplied(await apply([create(address(name, '192.0.2.1'))]));
      assert.deepEqual(await list(name, `_oneup.${name}`), [address(name, '192.0.2.1')]);
    });

    test('a record that changes between the reading and the write', async () => {
      const name = `moved.${ZONE}`;
      assertApplied(await apply([create(address(name, '192.0.2.1'))]));
      const other = updateClient(server.port);
      const foreign = { before: address(name, '192.0.2.1'), after: address(name, '192.0.2.8') };
      relay.setBeforeWrite(async () => assertApplied(await apply([foreign], other)));
      const result = await apply([{ before: address(name, '192.0.2.1'), after: address(name, '192.0.2.2') }]);
      assertConflict(result, [address(name, '192.0.2.8')]);
    });

    test('a CNAME that appears between the reading and the write', async () => {
      const name = `appears.${ZONE}`;
      relay.setBeforeWrite(async () => assertApplied(await apply([create(alias(name))], updateClient(server.port))));
      assertConflict(await apply([create(address(name, '192.0.2.2'))]), [alias(name)]);
      const other = `appears-too.${ZONE}`;
      const rrset = address(other, '192.0.2.1');
      relay.setBeforeWrite(async () => assertApplied(await apply([create(rrset)], updateClient(server.port))));
      assertConflict(await apply([create(alias(other))]), [rrset]);
    });

    test('a request that arrives a minute late, after a rollback, is refused (S26)', async () => {
      const name = `late.${ZONE}`;
      const step = (seq: number, value: string) => [address(name, value), ownership(name, seq)];
      const move = (from: readonly Rrset[], to: readonly Rrset[]) =>
        from.map((rrset, index) => ({ before: rrset, after: to[index] ?? null }));
      assertApplied(await apply(step(1, '192.0.2.1').map(create)));
      relay.setFate('hold');
      const lost = await apply(move(step(1, '192.0.2.1'), step(2, '192.0.2.2')));
      relay.setFate('pass');
      assertFailed(lost, { code: 'ONEUP_PROVIDER_UNANSWERED', applied: 'unknown', reason: /closed the connection/ });
      assertApplied(await apply(move(step(1, '192.0.2.1'), step(3, '192.0.2.2'))));
      assertApplied(await apply(move(step(3, '192.0.2.2'), step(4, '192.0.2.1'))));
      assert.deepEqual(await relay.release(), [NXRRSET]);
      assert.deepEqual(await list(name, `_oneup.${name}`), step(4, '192.0.2.1').toReversed());
    });

    test('values are guarded whatever their type', async () => {
      for (const rrset of valuesOfEachType(`each.${ZONE}`)) {
        const other: Rrset = { ...rrset, ttlSeconds: 300 };
        assertApplied(await apply([create(rrset)]));
        assert.deepEqual(await list(rrset.name), [rrset]);
        assertApplied(await apply([{ before: rrset, after: other }]));
        assertApplied(await apply([{ before: other, after: null }]));
      }
    });

    test('a write of many kilobytes', async () => {
      const values = Array.from({ length: 40 }, (_, index) => `"${String(index).padStart(3, '0')}${'x'.repeat(200)}"`);
      const rrset: Rrset = { name: `large.${ZONE}`, type: 'TXT', ttlSeconds: 60, values };
      assertApplied(await apply([create(rrset)]));
      assert.deepEqual(await list(rrset.name), [rrset]);
    });

    test('each write raises the serial once, and a refused one does not', async () => {
      const name = `serial.${ZONE}`;
      const serial = askSerial(server.port, ZONE);
      assertApplied(await apply([create(address(name, '192.0.2.1')), create(ownership(name, 1))]));
      assert.equal(askSerial(server.port, ZONE), serial + 1);
      assert.equal((await apply([create(address(name, '192.0.2.2'))])).kind, 'conflict');
      await list(name);
      assert.equal(askSerial(server.port, ZONE), serial + 1);
    });

    test('of many writers one wins, each time', async () => {
      const name = `race.${ZONE}`;
      let held = [address(name, '192.0.2.1'), ownership(name, 0)];
      assertApplied(await apply(held.map(create)));
      for (let round = 1; round <= ROUNDS; round += 1) {
        const writes = Array.from({ length: RACERS }, (_, racer) => {
          const next = [address(name, `192.0.2.${10 * round + racer}`), ownership(name, 100 * round + racer)];
          const changes = held.map((before, index) => ({ before, after: next[index] ?? null }));
          return apply(changes, updateClient(server.port)).then(({ kind: outcome }) => ({ outcome, next }));
        });
        const done = await Promise.all(writes);
        const winners = done.filter(({ outcome }) => outcome === 'applied');
        assert.deepEqual(done.map(({ outcome }) => outcome).toSorted(), [
          'applied',
          ...Array(RACERS - 1).fill('conflict'),
        ]);
        held = winners[0]?.next ?? [];
        assert.deepEqual((await list(name, `_oneup.${name}`)).toReversed(), held);
      }
    });
  });
}

function assertFailed(
  result: ApplyResult,
  { code, applied, reason }: { readonly code: string; readonly applied: string; readonly reason: RegExp },
): void {
  assert.ok(result.kind === 'failed', JSON.stringify(result));
  assert.deepEqual([result.code, result.applied], [code, applied], result.reason);
  assert.match(result.reason, reason);
}

function address(name: string, value: string, ttlSeconds = 120): Rrset {
  return { name, type: 'A', ttlSeconds, values: [value] };
}

function alias(name: string): Rrset {
  return { name, type: 'CNAME', ttlSeconds: 120, values: ['target.example.net.'] };
}

function ownership(name: string, seq: number): Rrset {
  const text = `"oneup1 cluster=prod service=app generation=1 epoch=1 seq=${seq}"`;
  return { name: `_oneup.${name}`, type: 'TXT', ttlSeconds: 120, values: [text] };
}

function valuesOfEachType(name: string): readonly Rrset[] {
  const values: readonly (readonly [Rrset['type'], readonly string[]])[] = [
    ['A', ['192.0.2.1', '192.0.2.2']],
    ['AAAA', ['2001:db8::1']],
    ['CAA', ['0 issue "ca.example.net"']],
    ['CNAME', ['target.example.net.']],
    ['MX', ['10 mail.example.net.', '20 mail.example.net.']],
    ['SRV', ['1 2 443 www.example.com.']],
    ['TXT', ['"a" "b c"', '"quote \\" backslash \\\\ octet \\255;"']],
  ];
  return values.map(([type, list]) => ({ name: `${type.toLowerCase()}.${name}`, type, ttlSeconds: 60, values: list }));
}
