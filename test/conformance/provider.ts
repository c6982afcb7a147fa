// The meaning of the DnsProvider contract: every provider runs this suite, so that what is above them needs to know one
// behaviour only. A provider's own file makes the world; nothing here knows which provider it is.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { DnsIntent } from '../../src/failover/intent.ts';
import type { DnsWritePlan } from '../../src/plan/plan-dns-write.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import {
  a,
  aaaa,
  assertApplied,
  assertConflict,
  create,
  NAME,
  NAMES,
  OTHER_NAMES,
  OTHER_ZONE,
  planFrom,
  sorted,
  TTL_SECONDS,
  txt,
  ZONE,
} from './provider-samples.ts';

/** What becomes of the next write of the client that `connect` returns. */
export type WriteFate = 'answered' | 'unreachable' | 'writtenUnanswered' | 'droppedUnanswered';

export type ProviderWorld = AsyncDisposable & {
  /** One more client of the same zones, which hold nothing but their apex. */
  readonly connect: (fate?: WriteFate) => DnsProvider;
};

const signal = new AbortController().signal;

export function describeProviderContract(kind: string, makeWorld: () => Promise<ProviderWorld>): void {
  describe(`provider contract: ${kind}`, () => {
    let world: ProviderWorld;
    let provider: DnsProvider;
    beforeEach(async () => {
      world = await makeWorld();
      provider = world.connect();
    });
    afterEach(async () => world[Symbol.asyncDispose]());

    const list = (zone = ZONE, names: readonly string[] = NAMES) => provider.list(zone, { names, signal });
    const apply = (changes: readonly RrsetChange[], idempotencyKey: string = randomUUID(), by = provider) =>
      by.apply(ZONE, changes, { idempotencyKey, signal });

    test('list of a zone that was never written is empty', async () => assert.deepEqual(await list(), []));

    test('list shows all at the names that are asked for, and nothing else', async () => {
      const [one = '', two = ''] = OTHER_NAMES;
      const below = { ...a('192.0.2.3'), name: `below.${one}` };
      const written = [
        { ...a('192.0.2.1'), name: one },
        { ...txt('"t"'), name: one },
        { ...a('192.0.2.2'), name: two },
        below,
      ];
      for (const rrset of written) assertApplied(await apply([create(rrset)]));
      assert.deepEqual(sorted(await list(ZONE, [one])), written.slice(0, 2));
      assert.deepEqual(await list(ZONE, [two, NAME]), written.slice(2, 3));
      assert.deepEqual(await list(ZONE, []), []);
    });

    test('apply creates, and list shows it', async () => {
      assertApplied(await apply([create(a('192.0.2.1'))]));
      assert.deepEqual(await list(), [a('192.0.2.1')]);
    });

    test('apply replaces what is there when before says so', async () => {
      assertApplied(await apply([create(a('192.0.2.1'))]));
      assertApplied(await apply([{ before: a('192.0.2.1'), after: a('192.0.2.2', TTL_SECONDS + 5) }]));
      assert.deepEqual(await list(), [a('192.0.2.2', TTL_SECONDS + 5)]);
    });

    test('apply removes what is there when before says so', async () => {
      assertApplied(await apply([create(a('192.0.2.1'))]));
      assertConflict(await apply([{ before: a('192.0.2.2'), after: null }]), [a('192.0.2.1')]);
      assertApplied(await apply([{ before: a('192.0.2.1'), after: null }]));
      assert.deepEqual(await list(), []);
    });

    const differences: Readonly<Record<string, RrsetChange>> = {
      'another value': { before: a('192.0.2.9'), after: a('192.0.2.2') },
      'one value more': { before: a('192.0.2.1', TTL_SECONDS, '192.0.2.9'), after: a('192.0.2.2') },
      'another TTL': { before: a('192.0.2.1', TTL_SECONDS + 1), after: a('192.0.2.2') },
      'nothing expected': { before: null, after: a('192.0.2.2') },
    };
    for (const [what, change] of Object.entries(differences)) {
      test(`apply with a before that differs (${what}) shows what is there and writes nothing`, async () => {
        assertApplied(await apply([create(a('192.0.2.1'))]));
        assertConflict(await apply([change]), [a('192.0.2.1')]);
        assert.deepEqual(await list(), [a('192.0.2.1')]);
      });
    }

    test('apply that expects what does not exist is a conflict', async () => {
      assertConflict(await apply([{ before: a('192.0.2.1'), after: a('192.0.2.2') }]), []);
    });

    test('before is compared as a set, and addresses by value', async () => {
      assertApplied(await apply([create(a('192.0.2.1', TTL_SECONDS, '192.0.2.2')), create(aaaa('2001:db8::1'))]));
      const swapped: RrsetChange = { before: a('192.0.2.2', TTL_SECONDS, '192.0.2.1'), after: a('192.0.2.1') };
      assertApplied(await apply([swapped, { before: aaaa('2001:0DB8:0::1'), after: null }]));
    });

    test('apply does the whole batch or nothing', async () => {
      assertApplied(await apply([create(a('192.0.2.1'))]));
      const good = [create(txt('"one"')), create(aaaa('2001:db8::1'))];
      assertConflict(await apply([...good, { before: a('192.0.2.9'), after: a('192.0.2.2') }]), [a('192.0.2.1')]);
      assert.deepEqual(await list(), [a('192.0.2.1')]);
      assertApplied(await apply([...good, { before: a('192.0.2.1'), after: a('192.0.2.2') }]));
      assert.deepEqual(sorted(await list()), sorted([a('192.0.2.2'), aaaa('2001:db8::1'), txt('"one"')]));
    });

    test('apply repeated with its key is applied once, and answered as then where keys are remembered', async () => {
      const first = await apply([create(a('192.0.2.1'))], 'once');
      assertApplied(await apply([{ before: a('192.0.2.1'), after: a('192.0.2.2') }]));
      const again = await apply([create(a('192.0.2.1'))], 'once', world.connect());
      if (provider.capabilities.remembersKeys) assert.deepEqual(again, first);
      else assertConflict(again, [a('192.0.2.2')]);
      assert.deepEqual(await list(), [a('192.0.2.2')]);
    });

    test('apply refuses what no provider may do, before anything is sent', async () => {
      const { ttlMinSeconds, ttlMaxSeconds } = provider.capabilities;
      const refused: readonly (readonly RrsetChange[])[] = [
        [create(a('192.0.2.1', ttlMinSeconds - 1))],
        [create(a('192.0.2.1', ttlMaxSeconds + 1))],
        [create(a('192.0.2.1', 1.5))],
        [create({ ...a('192.0.2.1'), values: [] })],
        [create(aaaa('2001:db8::1', '2001:DB8:0::1'))],
        [create({ ...a('192.0.2.1'), name: 'app.example.org.' })],
        [create({ ...a('192.0.2.1'), name: 'appexample.com.' })],
        [create({ name: ZONE, type: 'NS', ttlSeconds: TTL_SECONDS, values: ['ns.example.com.'] })],
        [create({ name: ZONE, type: 'SOA', ttlSeconds: TTL_SECONDS, values: ['. . 1 1 1 1 1'] })],
        [create(a('192.0.2.1')), create(a('192.0.2.2'))],
        [create(txt('"fine"')), { before: txt('"x"'), after: a('192.0.2.1') }],
      ];
      for (const changes of refused) {
        const result = await apply(changes);
        assert.ok(result.kind === 'failed', JSON.stringify({ changes, result }));
        assert.deepEqual([result.applied, result.retryable], ['none', false], JSON.stringify({ changes, result }));
      }
      assert.deepEqual(await list(), []);
    });

    test('the limits of the TTL itself are accepted', async () => {
      const { ttlMinSeconds, ttlMaxSeconds } = provider.capabilities;
      assertApplied(await apply([create(a('192.0.2.1', ttlMinSeconds)), create(aaaa('2001:db8::1'))]));
      assertApplied(await apply([{ before: a('192.0.2.1', ttlMinSeconds), after: a('192.0.2.1', ttlMaxSeconds) }]));
    });

    test('zones do not see each other', async () => {
      assertApplied(await apply([create(a('192.0.2.1'))]));
      assert.deepEqual(await list(OTHER_ZONE), []);
    });

    test('of two writers of one name exactly one wins', async () => {
      assertApplied(await apply([create(a('192.0.2.1'))]));
      const writers = ['192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) =>
        apply([{ before: a('192.0.2.1'), after: a(address) }], `race-${address}`, world.connect()),
      );
      const kinds = (await Promise.all(writers)).map(({ kind: outcome }) => outcome);
      assert.deepEqual(kinds.toSorted(), ['applied', 'conflict', 'conflict']);
    });

    test('writers of different names do not hinder each other', async () => {
      const rrsets = OTHER_NAMES.map((name) => ({ ...a('192.0.2.1'), name }));
      const results = await Promise.all(rrsets.map((rrset) => apply([create(rrset)], rrset.name, world.connect())));
      for (const result of results) assertApplied(result);
      assert.equal((await list()).length, 3);
    });

    test('an aborted apply sends nothing, an aborted list rejects', async () => {
      const aborted = AbortSignal.abort(new Error('deadline'));
      const result = await provider.apply(ZONE, [create(a('192.0.2.1'))], { idempotencyKey: 'late', signal: aborted });
      assert.ok(result.kind === 'failed' && result.applied === 'none' && result.retryable);
      await assert.rejects(provider.list(ZONE, { names: NAMES, signal: aborted }), /deadline/);
      assert.deepEqual(await list(), []);
    });

    test('a provider that cannot be reached fails the write as not applied and rejects the list', async () => {
      const lost = world.connect('unreachable');
      const result = await apply([create(a('192.0.2.1'))], 'unreachable', lost);
      assert.ok(result.kind === 'failed' && result.applied === 'none' && result.retryable, JSON.stringify(result));
      await assert.rejects(lost.list(ZONE, { names: NAMES, signal }), OneupError);
      assert.deepEqual(await list(), []);
    });

    for (const fate of ['writtenUnanswered', 'droppedUnanswered'] as const) {
      test(`a write that is ${fate} is unknown, and a repeat with its key settles it without a second write`, async () => {
        const result = await apply([create(a('192.0.2.1'))], 'lost', world.connect(fate));
        assert.ok(result.kind === 'failed' && result.applied === 'unknown' && result.retryable, JSON.stringify(result));
        assert.equal((await list()).length, fate === 'writtenUnanswered' ? 1 : 0);
        const again = await apply([create(a('192.0.2.1'))], 'lost');
        // Without a memory of keys the record itself says that the write went through.
        if (fate === 'writtenUnanswered' && !provider.capabilities.remembersKeys)
          assertConflict(again, [a('192.0.2.1')]);
        else assertApplied(again);
        assert.deepEqual(await list(), [a('192.0.2.1')]);
      });
    }

    test('any text is an idempotency key', async () => {
      const key = `"${'ä'.repeat(300)}"`;
      const first = await apply([create(a('192.0.2.1'))], key);
      assertApplied(first);
      const again = await apply([create(a('192.0.2.1'))], key);
      if (provider.capabilities.remembersKeys) assert.deepEqual(again, first);
      else assertConflict(again, [a('192.0.2.1')]);
    });

    test('confirm of a change comes in sync', async () => {
      const result = await apply([create(a('192.0.2.1'))]);
      assert.ok(result.kind === 'applied');
      const isInSync = async () => (await provider.confirm(result.changeId, { signal })) === 'insync';
      await waitUntil('the change to be in sync', isInSync);
    });

    describe('under a plan', () => {
      const one: DnsIntent = { node: 'a', level: 'steady', epoch: 1, seq: 1 };
      const two: DnsIntent = { node: 'b', level: 'suspect', epoch: 2, seq: 2 };
      const three: DnsIntent = { node: 'b', level: 'steady', epoch: 2, seq: 3 };
      const plan = async (intent: DnsIntent, confirmed: DnsIntent | null) => planFrom(await list(), intent, confirmed);
      const perform = async (planned: DnsWritePlan) => {
        assert.ok(planned.kind === 'write', JSON.stringify(planned));
        return apply(planned.write.changes, planned.write.ownershipAfter.slice(1, -1));
      };

      test('a second run plans nothing', async () => {
        assertApplied(await perform(await plan(one, null)));
        assert.deepEqual(await plan(one, null), { kind: 'done' });
        assert.deepEqual(await plan(one, one), { kind: 'done' });
        assertApplied(await perform(await plan(two, one)));
        assert.deepEqual(await plan(two, one), { kind: 'done' });
      });

      test('a change from IPv4 to IPv6 leaves one address RRset', async () => {
        assertApplied(await perform(await plan(one, null)));
        assertApplied(await perform(await plan({ ...two, node: 'c' }, one)));
        const types = (await list()).map(({ type }) => type);
        assert.deepEqual(types.toSorted(), ['AAAA', 'TXT']);
      });

      test('a stale writer is refused by the ownership TXT and learns that it is stale (S26, S27)', async () => {
        assertApplied(await perform(await plan(one, null)));
        const late = await plan({ ...two, node: 'a' }, one);
        assertApplied(await perform(await plan(three, one)));
        const result = await perform(late);
        assert.ok(result.kind === 'conflict', JSON.stringify(result));
        assert.deepEqual(result.current, await list());
        assert.equal(planFrom(result.current, two, one).kind, 'stale');
        assert.deepEqual(await plan(three, one), { kind: 'done' });
      });
    });
  });
}
