// The desk in front of the real Cloudflare provider and the double of its API, which counts requests in windows of its own and
// blocks the user for five minutes: what the budget lets through never meets the block, and a block that others caused is kept.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCloudflareProvider } from '../../../providers/cloudflare/index.ts';
import { Secret } from '../../../src/base/secret.ts';
import { PROVIDER_BUDGETS } from '../../../src/config/provider-budget.ts';
import type { CloudflareProviderConfig } from '../../../src/config/provider-config.ts';
import { ProviderDesk } from '../../../src/controller/provider-desk.ts';
import type { CallPriority } from '../../../src/plan/call-budget.ts';
import { managedNames } from '../../../src/plan/ownership.ts';
import { NAME, planFrom, ZONE } from '../../conformance/provider-samples.ts';
import { startCloudflareDouble } from '../../doubles/cloudflare/start-cloudflare-double.ts';
import { createBench, holdTerm } from './controller-bench.ts';

const ZONE_ID = 'a'.repeat(32);
const TOKEN = 'oneup'.repeat(8);
const MINUTE_MS = 60_000;
const STEP_MS = 200;

async function openDesk() {
  const bench = await createBench();
  const { clock } = bench;
  const { tenure } = await holdTerm(bench);
  const nowMs = () => clock.monotonicMs();
  const double = await startCloudflareDouble({ zones: [{ id: ZONE_ID, name: 'example.com' }], nowMs });
  double.grant(TOKEN);
  const apiToken = new Secret(TOKEN);
  const options = { name: 'cf', apiToken, timeoutMs: 10_000, endpoint: double.baseUrl };
  const provider = createCloudflareProvider({ ...options, zoneIds: { [ZONE]: ZONE_ID } });
  const config: CloudflareProviderConfig = {
    ...{ ...options, kind: 'cloudflare', zones: [ZONE], servers: [], zoneId: ZONE_ID },
    ...{ account: 'one', budget: PROVIDER_BUDGETS.cloudflare, driftCron: null },
  };
  const deps = {
    ...bench.deps,
    config: { ...bench.config, providers: [config] },
    ports: { ...bench.deps.ports, provider: () => provider },
  };
  const desk = new ProviderDesk(deps, tenure);
  const signal = new AbortController().signal;
  const plan = planFrom([], { node: 'a', level: 'steady', epoch: 1, seq: 1 }, null);
  assert.ok(plan.kind === 'write');
  const written = await provider.apply(ZONE, plan.write.changes, { idempotencyKey: '1', signal });
  assert.equal(written.kind, 'applied');
  /** The code of the failure, or null. */
  const list = async (priority: CallPriority): Promise<unknown> => {
    const asked = desk.provider('cf', priority).list(ZONE, { names: managedNames(NAME), signal });
    const ended = asked.then(
      () => null,
      (error: { code?: unknown }) => error.code,
    );
    await clock.advance(STEP_MS);
    return ended;
  };
  return { clock, double, list, [Symbol.asyncDispose]: () => double[Symbol.asyncDispose]() };
}

describe('a provider that blocks who asks too much', () => {
  test('is never asked so much by what may wait, and a failover still gets its calls', async () => {
    await using world = await openDesk();
    const { clock, double, list } = world;
    const answers = new Map<unknown, number>();
    // Six minutes are more than one window of the double.
    for (const untilMs = clock.monotonicMs() + 6 * MINUTE_MS; clock.monotonicMs() < untilMs; ) {
      const code = await list('upkeep');
      answers.set(code, (answers.get(code) ?? 0) + 1);
    }
    assert.deepEqual([...answers.keys()].toSorted(), ['ONEUP_PROVIDER_BUDGET', null]);
    assert.ok(double.seen.length > 300, `${double.seen.length} requests`);
    assert.equal(await list('failover'), null);
  });

  test('is left alone for as long as it asks, when somebody else used the calls up', async () => {
    await using world = await openDesk();
    const { clock, double, list } = world;
    const other = 'other'.repeat(8);
    double.grant(other);
    const headers = { authorization: `Bearer ${other}` };
    for (let calls = 0; calls <= 1_200; calls += 1) {
      await (await fetch(`${double.baseUrl}/zones/${ZONE_ID}`, { headers })).arrayBuffer();
    }
    assert.equal(await list('failover'), 'ONEUP_PROVIDER_THROTTLED');
    const seen = double.seen.length;
    await clock.advance(4 * MINUTE_MS);
    for (const priority of ['failover', 'rollback', 'upkeep', 'look'] as const)
      assert.equal(await list(priority), 'ONEUP_PROVIDER_THROTTLED');
    assert.equal(double.seen.length, seen, 'no request was made');
    await clock.advance(MINUTE_MS);
    assert.equal(await list('failover'), null);
  });
});
