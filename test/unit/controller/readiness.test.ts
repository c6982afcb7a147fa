// What prechecks say is told to every prober, once for each change, and read as far as it can be read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { readPlan } from '../../../src/controller/read-plan.ts';
import { ReadinessTeller } from '../../../src/controller/readiness.ts';
import type { Precheck } from '../../../src/failover/service-state.ts';
import { put } from '../../support/store-calls.ts';
import { createReadBench } from './read-bench.ts';

const READY: Precheck = { ok: true, reason: 'ready', lag: 3, atMonoMs: 1 };
const keys = storeKeys('test');

function createTeller() {
  const told: (readonly [string, string | null])[] = [];
  const report = (key: string, value: string | null) => void told.push([key, value]);
  return { told, teller: new ReadinessTeller({ id: 'p1', keys, clock: { wallMs: () => 7 }, report }) };
}

describe('what is told', () => {
  test('only what has changed, and nothing is left when the term has ended', () => {
    const { told, teller } = createTeller();
    teller.note('web', { b: READY });
    teller.note('web', { b: { ...READY, atMonoMs: 2 } });
    assert.deepEqual(told, [
      [keys.readiness('p1', 'web', 'b'), '{"ok":true,"reason":"ready","lag":3,"sinceWallMs":7}'],
    ]);
    teller.note('web', { b: { ...READY, lag: 4 } });
    assert.match(told[1]?.[1] ?? '', /"lag":4/);
    teller.end();
    assert.deepEqual(told.slice(2), [[keys.readiness('p1', 'web', 'b'), null]]);
  });
});

describe('plan', () => {
  const tell = async (value: string) => {
    const { deps, service } = await createReadBench();
    await put(deps.store, deps.keys.controller, '{"prober":"p1","term":1}');
    await put(deps.store, deps.keys.readiness('p1', 'web', 'b'), value);
    await put(deps.store, deps.keys.readiness('p2', 'web', 'b'), JSON.stringify({ ...told, reason: 'an older term' }));
    await new Promise((resolve) => setImmediate(resolve));
    return await readPlan(deps, service);
  };
  const told = { ok: false, reason: 'no disk', lag: 5, sinceWallMs: 9 };

  test('shows what the controller of the moment was told by each standby', async () => {
    const plan = await tell(JSON.stringify(told));
    const [standby] = plan.standbys;
    assert.deepEqual(plan.standbys, [
      { node: 'b', ready: 'no', reason: 'no disk', lag: 5, sinceWallMs: 9, askedEveryMs: standby?.askedEveryMs },
    ]);
    assert.ok((standby?.askedEveryMs ?? 0) > 0);
    assert.deepEqual([plan.candidates.scores[0]?.ready, plan.candidates.scores[0]?.lag], ['no', 5]);
  });

  for (const text of ['{', '{"ok":"yes"}', 'null', '[]']) {
    test(`takes ${text} for no answer`, async () => {
      assert.equal((await tell(text)).standbys[0]?.ready, 'unknown');
    });
  }
});
