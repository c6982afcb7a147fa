// What lies over a service, as every prober reads it from the records; and each thing that holds a move, with its remedy.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readServiceStatus } from '../../../src/controller/read-model.ts';
import { readWhy } from '../../../src/controller/read-why.ts';
import { watchAges } from '../../../src/controller/seen-ages.ts';
import type { ServiceRecord } from '../../../src/failover/service-state.ts';
import { COOLDOWN_MS } from '../../sim/sim-config.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { activeState, at, request } from '../failover/machine-fixture.ts';
import { createReadBench } from './read-bench.ts';

const MODE = { reason: 'tonight', actor: 'ann', sinceWallMs: 5 };
const EXPIRED = { rule: 'S35.maintenance-expired', reason: 'over', remedy: 'End it' } as const;

async function status(change: Partial<ServiceRecord>) {
  const { deps, service } = await createReadBench(change);
  return readServiceStatus(deps, service);
}

describe('overlays', () => {
  test('nothing lies over a service that is left alone', async () => {
    const { maintenance, frozen, closedGates, cooldown, scheduled, drill, alerts, budget, restarts } = await status({});
    assert.deepEqual([maintenance, frozen, cooldown, scheduled, drill], [null, null, null, null, null]);
    assert.deepEqual([closedGates, alerts, budget.used, restarts.used], [{}, [], 0, 0]);
  });

  test('what is left of a cooldown rests on the age on record', async () => {
    const { cooldown } = await status({ cooldown: { opId: 'op-1', agedMs: 1_000 } });
    assert.deepEqual(cooldown, { opId: 'op-1', leftAtMostMs: COOLDOWN_MS - 1_000 });
    const over = await status({ cooldown: { opId: 'op-1', agedMs: COOLDOWN_MS * 2 } });
    assert.equal(over.cooldown?.leftAtMostMs, 0);
  });

  test('what has passed since a cooldown was read is taken off, whatever else is written meanwhile', async () => {
    const cooldown = { opId: 'op-1', agedMs: 1_000 };
    const { deps, service } = await createReadBench({ cooldown });
    const clock = createFakeClock();
    const stop = new AbortController();
    const ages = watchAges({ ...deps, services: [service], clock, signal: stop.signal });
    const left = () => readServiceStatus({ ...deps, ages }, service).cooldown?.leftAtMostMs;
    assert.equal(left(), COOLDOWN_MS - 1_000);
    await clock.advance(1_500);
    assert.equal(left(), COOLDOWN_MS - 2_500);
    assert.equal(ages.sinceMs('web', { opId: 'op-1', agedMs: 9_000 }), 0, 'another age than the one that was read');
    assert.equal(ages.sinceMs('db', cooldown), 0, 'another service');
    stop.abort();
  });

  test('maintenance has expired when the controller has told so, for the service and for each node', async () => {
    const entry = { ...MODE, expiresAfterMs: 1 };
    const alert = { level: 'warning', refusal: EXPIRED, sinceWallMs: 9, count: 2, ackedBy: null } as const;
    const record = { maintenance: entry, nodeMaintenance: { b: entry } };
    const ofService = await status({ ...record, alerts: [{ ...alert, id: 'service:S35.maintenance-expired' }] });
    const nodes = ofService.nodes.map(({ maintenance }) => maintenance?.isExpired ?? null);
    assert.deepEqual([ofService.maintenance?.isExpired, nodes], [true, [null, false]]);
    const ofNode = await status({ ...record, alerts: [{ ...alert, id: 'b:S35.maintenance-expired' }] });
    assert.deepEqual([ofNode.maintenance?.isExpired, ofNode.nodes[1]?.maintenance?.isExpired], [false, true]);
  });

  test('a failed node shows its stage, its failures count', async () => {
    const failed = { opId: 'op-1', why: 'smoke', stage: 'repairing', rootCause: 'the fan', actor: 'ben' } as const;
    const { nodes } = await status({ failed: { b: failed }, failures: { b: [{ opId: 'op-1', agedMs: 0 }] } });
    const [, b] = nodes;
    assert.deepEqual([b?.role, b?.failed, b?.failures.count], ['failed', 'smoke', 1]);
    assert.deepEqual(b?.incident, { opId: 'op-1', stage: 'repairing', rootCause: 'the fan', actor: 'ben' });
  });

  test('why names everything that holds a move, each with a remedy, and alerts as what is wrong', async () => {
    const refusal = { rule: 'dns.laggards', reason: 'p2 is late', remedy: 'Look at p2' } as const;
    const { deps, service } = await createReadBench({
      frozen: MODE,
      cooldown: { opId: 'op-1', agedMs: 0 },
      failed: { b: { opId: 'op-1', why: 'smoke', stage: 'failed', rootCause: null, actor: null } },
      alerts: [{ id: 'service:dns.laggards', level: 'warning', refusal, sinceWallMs: 1, count: 1, ackedBy: null }],
    });
    const why = await readWhy(deps, service);
    assert.deepEqual(
      why.holds.map(({ rule }) => rule),
      ['S35.frozen'],
    );
    assert.match(why.holds[0]?.remedy ?? '', /oneup freeze off web/);
    assert.deepEqual(why.blocking, [refusal]);
    assert.deepEqual(
      why.excluded.map((entry) => [entry.node, entry.refusal.rule]),
      [['b', 'S36.rejoin-needed']],
    );
  });

  test('the nodes of a running operation are not told as if nothing ran', async () => {
    const failed = { opId: 'op-1', why: 'smoke', stage: 'failed', rootCause: null, actor: null } as const;
    const moves = { kind: 'switchover', from: null, to: 'b', reason: 'test' } as const;
    const { op } = at(activeState(), request(moves)).state;
    assert.equal(op?.to, 'b');
    const { deps, service } = await createReadBench({ failed: { b: failed } }, { op });
    const why = await readWhy(deps, service);
    assert.deepEqual(why.excluded, []);
    assert.match(why.summary, /^switchover a -> b is in /);
  });

  test('a cooldown holds an automatic failover only', async () => {
    const { deps, service } = await createReadBench({ cooldown: { opId: 'op-1', agedMs: 0 } });
    const why = await readWhy(deps, service);
    assert.deepEqual(
      why.holds.map(({ rule }) => rule),
      ['S36.cooldown'],
    );
  });
});
