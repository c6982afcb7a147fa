// A plan is computed from a snapshot alone: a saved one says the same, holds no command, and is refused when it was changed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planOf, readPlan, readPlanSnapshot } from '../../../src/controller/read-plan.ts';
import { type PlanSnapshot, parsePlanSnapshot } from '../../../src/controller/read-plan-snapshot.ts';
import { createReadBench } from './read-bench.ts';

async function snapshot(): Promise<PlanSnapshot> {
  const { deps, service } = await createReadBench();
  return await readPlanSnapshot(deps, service, 0);
}

describe('plan snapshot', () => {
  test('a saved one gives the plan of the moment', async () => {
    const { deps, service } = await createReadBench({ frozen: { reason: 'x', actor: 'ann', sinceWallMs: 0 } });
    const plan = await readPlan(deps, service);
    const text = JSON.stringify(await readPlanSnapshot(deps, service, 0));
    assert.deepEqual(planOf(parsePlanSnapshot(text, 'plan.json')), plan);
    assert.deepEqual([plan.from, plan.to, plan.heldBy[0]?.rule], ['a', 'b', 'S35.frozen']);
    assert.deepEqual(
      plan.candidates.scores.map(({ node }) => node),
      ['b'],
    );
    assert.ok((plan.planned.ttlLowerMs ?? 0) > 4_000, 'the long TTL is 4 s');
    assert.equal(plan.planned.drainAtMostMs, 1_000);
  });

  test('behind an API its TTLs are those that the provider takes, in the waits and in the estimate', async () => {
    const { deps, service } = await createReadBench();
    const providers = [{ name: 'builtin', kind: 'cloudflare' }] as unknown as typeof deps.config.providers;
    const { dns, planned, outage } = await readPlan({ ...deps, config: { ...deps.config, providers } }, service);
    assert.deepEqual(dns.ttl, { steadyMs: 60_000, suspectMs: 60_000, followsSuspicion: false });
    assert.equal(planned.ttlLowerMs, null, '60 s is the least, so nothing can be lowered');
    assert.equal(outage.terms.find(({ name }) => name === 'ttl')?.worstMs, 60_000);
  });

  test('every hold of an automatic failover is named', async () => {
    const { deps, service } = await createReadBench({
      frozen: { reason: 'x', actor: 'ann', sinceWallMs: 0 },
      cooldown: { opId: 'op-1', agedMs: 0 },
    });
    const { heldBy } = await readPlan(deps, service);
    assert.deepEqual(
      heldBy.map(({ rule }) => rule),
      ['S35.frozen', 'S36.cooldown'],
    );
  });

  test('it holds addresses and limits, and no commands', async () => {
    const text = JSON.stringify(await snapshot());
    assert.match(text, /192\.0\.2\./);
    for (const word of ['command', 'exec', 'http://']) assert.ok(!text.includes(word), word);
  });

  test('a tail has its own way to lower nothing: DNS names another node', async () => {
    const { deps, service } = await createReadBench({ active: 'b' });
    assert.equal((await readPlan(deps, service)).planned.ttlLowerMs, null);
  });

  for (const [what, change, expected] of [
    ['of another format', { format: 'oneup-plan-0' }, /format/],
    ['with a word too many', { secret: 'x' }, /secret/],
    ['of another service', { service: 'db' }, /rules are those of service web/],
    ['with a foreign record', { records: { '/oneup/sim/service/db': {} } }, /record \/oneup\/sim\/service\/db/],
    ['with a damaged record', { records: { '/oneup/sim/service/web': { epoch: 'one' } } }, /service\/web/],
    ['of another cluster', { cluster: 'prod' }, /does not belong/],
  ] as const) {
    test(`refuses one ${what}`, async () => {
      const changed = JSON.stringify({ ...(await snapshot()), ...change });
      assert.throws(() => parsePlanSnapshot(changed, 'plan.json'), {
        code: 'ONEUP_USAGE',
        message: new RegExp(`^Cannot read snapshot plan\\.json: [^]*${expected.source}`),
      });
    });
  }
});
