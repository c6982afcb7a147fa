// Calls to providers over the desk of a term: what is counted, what waits, what is put off, and what is left behind.
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { ZONE } from '../../sim/sim-config.ts';
import { CHANGE, openDesk, outcome } from './desk-bench.ts';

describe('ProviderDesk', () => {
  test('a failover goes through where only the reserve is left, TTLs are put off at once', async () => {
    const { list, apply } = await openDesk(() => ({}));
    assert.deepEqual(outcome(await list('upkeep')), { code: 'ONEUP_PROVIDER_BUDGET' });
    assert.deepEqual(await list('failover'), []);
    assert.partialDeepStrictEqual(await apply('rollback'), { kind: 'applied' });
  });

  test('where few calls are earned in a moment, the write after its read waits for its own', async () => {
    const { list, desk, clock } = await openDesk(() => ({}), {
      out: { budget: { calls: 5, perMs: 1_000, reserve: 1 } },
    });
    assert.deepEqual(outcome(await list('upkeep')), { code: 'ONEUP_PROVIDER_BUDGET' });
    await clock.advance(2_000);
    assert.deepEqual(await list('upkeep'), []);
    const { signal } = new AbortController();
    const writing = desk.provider('out', 'upkeep').apply(ZONE, [CHANGE], { idempotencyKey: 'k', signal });
    await clock.advance(1_000);
    assert.partialDeepStrictEqual(await writing, { kind: 'applied' });
  });

  test('a call that has waited is not made when the right to act has ended meanwhile (S8)', async () => {
    let mayAct = true;
    let writes = 0;
    const { list, desk, clock } = await openDesk(
      (memory) => ({
        apply: (...args) => {
          writes += 1;
          return memory.apply(...args);
        },
      }),
      { out: { budget: { calls: 5, perMs: 1_000, reserve: 1 } } },
      () => mayAct,
    );
    assert.deepEqual(outcome(await list('upkeep')), { code: 'ONEUP_PROVIDER_BUDGET' });
    const { signal } = new AbortController();
    const writing = desk.provider('out', 'upkeep').apply(ZONE, [CHANGE], { idempotencyKey: 'k', signal });
    const looking = desk.provider('out').list(ZONE, { names: [`app.${ZONE}`], signal });
    const looked = looking.catch((error: Error) => error.message);
    await clock.advance(100);
    // A machine that was suspended: no timer has run that would have aborted the signal.
    mayAct = false;
    await clock.advance(2_000);
    assert.partialDeepStrictEqual(await writing, { kind: 'failed', applied: 'none' });
    assert.equal(await looked, 'The right to act ended while a call waited for the budget of account one');
    assert.equal(writes, 0);
  });

  test('nor does it wait for long', async () => {
    const { list, desk, clock } = await openDesk(() => ({}), {
      out: { budget: { calls: 20, perMs: 60_000, reserve: 4 } },
    });
    await list('upkeep');
    const { signal } = new AbortController();
    const writing = desk.provider('out', 'upkeep').apply(ZONE, [CHANGE], { idempotencyKey: 'k', signal });
    await clock.advance(100);
    const putOff = await writing;
    assert.partialDeepStrictEqual(putOff, { kind: 'failed', code: 'ONEUP_PROVIDER_BUDGET', applied: 'none' });
    assert.ok(putOff.kind === 'failed' && (putOff.retryAfterMs ?? 0) > 0);
  });

  test('what looks waits for its call, but not long', async () => {
    const { desk, clock } = await openDesk(() => ({}));
    const signal = new AbortController().signal;
    let answered = 0;
    const ask = () =>
      desk
        .provider('out')
        .confirm('c', { signal })
        .then(
          () => (answered += 1),
          () => undefined,
        );
    const asked = Array.from({ length: 5 }, ask);
    await clock.advance(500);
    assert.equal(answered, 0);
    await clock.advance(3_000);
    await Promise.all(asked);
    assert.ok(answered >= 1 && answered <= 3, `${answered} calls in 2 s at one a second`);
  });

  test('entries of one account share its calls, others do not', async () => {
    const { list, clock } = await openDesk(() => ({}), { out: {}, same: {}, other: { account: 'two' } });
    await list('failover', 'other');
    await list('upkeep');
    await clock.advance(1_000);
    assert.deepEqual(await list('upkeep'), []);
    assert.deepEqual(outcome(await list('upkeep', 'same')), { code: 'ONEUP_PROVIDER_BUDGET' });
    assert.deepEqual(await list('failover', 'same'), []);
  });

  test('a call that has ended leaves nothing at its signal, which would be kept until the term ends', async () => {
    const signals: AbortSignal[] = [];
    const { list, apply } = await openDesk((memory) => ({
      list: (zone, options) => {
        signals.push(options.signal);
        return memory.list(zone, options);
      },
      apply: (_zone, _changes, { signal }) => {
        signals.push(signal);
        return Promise.reject(new Error('a defect'));
      },
    }));
    assert.deepEqual(await list('failover'), []);
    assert.ok((await apply('failover').catch((error: unknown) => error)) instanceof Error);
    assert.equal(signals.length, 2);
    for (const signal of signals) assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  test('without a budget nothing is put off', async () => {
    const { list } = await openDesk(() => ({}), { out: { budget: null } });
    for (let calls = 0; calls < 30; calls += 1) assert.deepEqual(await list('upkeep'), []);
  });

  test('what a provider asks to wait is waited by everybody on the account, failovers too, and not a moment longer', async () => {
    let asked = 0;
    let isBlocked = true;
    const { list, apply, clock } = await openDesk(
      ({ apply, list }) => ({
        apply: async (...args) => {
          asked += 1;
          if (!isBlocked) return apply(...args);
          const code = 'ONEUP_PROVIDER_THROTTLED';
          return { kind: 'failed', code, applied: 'none', retryable: true, retryAfterMs: 300_000, reason: 'slow' };
        },
        list: (...args) => {
          asked += 1;
          return list(...args);
        },
      }),
      { out: {}, same: {} },
    );
    await apply('failover');
    isBlocked = false;
    await clock.advance(200_000);
    const held = await apply('failover');
    assert.partialDeepStrictEqual(held, { kind: 'failed', code: 'ONEUP_PROVIDER_THROTTLED', applied: 'none' });
    assert.deepEqual(outcome(await list('failover', 'same')), { code: 'ONEUP_PROVIDER_THROTTLED' });
    assert.equal(asked, 1, 'the provider was left alone');
    await clock.advance(100_000);
    assert.partialDeepStrictEqual(await apply('failover'), { kind: 'applied' });
  });

  for (const [kind, written] of [
    ['route53', null],
    ['cloudflare', 'ONEUP_PROVIDER_THROTTLED'],
  ] as const) {
    test(`a look that was too much at ${kind} holds ${written === null ? 'looks back and no failover' : 'failovers too'}`, async () => {
      let asked = 0;
      const list: DnsProvider['list'] = async () => {
        asked += 1;
        throw new OneupError('ONEUP_PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 300_000 });
      };
      const { apply, list: look, clock } = await openDesk(() => ({ list }), { out: { kind } });
      // The bucket is there with the first call, and then it fills.
      await apply('failover');
      await clock.advance(20_000);
      assert.deepEqual(outcome(await look('look')), { code: 'ONEUP_PROVIDER_THROTTLED' });
      await look('look');
      assert.equal(asked, 1, 'looks are held back');
      const done = await apply('failover');
      assert.equal('code' in done ? done.code : null, written);
    });
  }

  test('a provider that never answers and never looks at its signal is left behind', async () => {
    const { desk, clock } = await openDesk(() => ({ list: () => new Promise(() => undefined) }));
    const signal = new AbortController().signal;
    let failed: Error | null = null;
    desk
      .provider('out', 'failover')
      .list(ZONE, { names: [], signal })
      .catch((error: Error) => {
        failed = error;
      });
    await clock.advance(14_000);
    assert.equal(failed, null);
    await clock.advance(1_100);
    assert.match(String(failed), /did not answer within/);
  });

  test('the end of the term ends its calls', async () => {
    const { desk, tenure, settled } = await openDesk(() => ({ list: () => new Promise(() => undefined) }));
    const signal = new AbortController().signal;
    const call = desk.provider('out', 'failover').list(ZONE, { names: [], signal });
    tenure.resign('over');
    assert.match(String(await settled(call)), /over/);
  });

  test('the zone of oneup itself is not counted', async () => {
    const { list, desk, records, clock } = await openDesk(() => ({}));
    assert.deepEqual(await list('upkeep', 'builtin'), []);
    await clock.advance(2_000);
    assert.deepEqual([records, desk.turnsAt('builtin')], [[], null]);
  });

  test('every call and what came of it is told, and forgotten with the term', async () => {
    const { list, apply, calls, clock, desk, records } = await openDesk(() => ({}));
    await list('failover');
    await apply('failover');
    await list('upkeep');
    await clock.advance(1_000);
    assert.equal(records.length, 1, 'told once, not with every call');
    const told = calls();
    assert.deepEqual([told?.provider, told?.calls.list.done, told?.calls.apply.done], ['out', 1, 1]);
    assert.equal(told?.calls.list.putOff, 1);
    assert.ok(told?.callsLeft !== null && (told?.callsLeft ?? 99) < 4);
    desk.end();
    assert.equal(records.at(-1), null);
  });

  test('a refused write costs its look at what stands there', async () => {
    const left = async (apply: DnsProvider['apply']): Promise<number> => {
      const { apply: write, calls, clock } = await openDesk(() => ({ apply }));
      await write('failover');
      await clock.advance(1_000);
      return calls()?.callsLeft ?? Number.NaN;
    };
    const done = await left(async () => ({ kind: 'applied', changeId: 'c' }));
    const refused = await left(async () => ({ kind: 'conflict', current: [], reason: 'changed' }));
    assert.equal(done - refused, 1);
  });
});
