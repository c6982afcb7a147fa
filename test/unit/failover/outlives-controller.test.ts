// What a controller began outlives it: the age of a maintenance and the failback window are records, so that a change of the
// controller neither begins a maintenance anew nor closes the window.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { decodeMachine, encodeMachine, recordKeys } from '../../../src/controller/machine-records.ts';
import { maintenanceExpired } from '../../../src/failover/maintenance-expiry.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { step } from '../../../src/failover/step.ts';
import { activeState, at, down, request, serviceRules, viewOf } from './machine-fixture.ts';

const HOUR_MS = 3_600_000;
const WALL_MS = 1_767_225_600_000;

/** The next controller reads the records, on another machine whose monotonic clock begins at `monoMs`. */
function nextController(before: MachineState, now: { readonly monoMs: number; readonly wallMs: number }): MachineState {
  const keys = recordKeys(storeKeys('test'), before.rules);
  const entries = [...encodeMachine(keys, before)].map(
    ([key, value]) => [key, { key, value, version: 1, sessionId: null }] as const,
  );
  const read = decodeMachine(keys, before.rules, new Map(entries));
  return step(read, { kind: 'takeover', term: 2, view: before.local.view }, now).state;
}

describe('the age of a maintenance', () => {
  for (const node of [null, 'b']) {
    test(`of ${node === null ? 'the service' : 'a node'} is written down and counts on in the next term`, () => {
      const command = { kind: 'maintenance', on: true, node, reason: 'disk', expiresAfterMs: HOUR_MS } as const;
      const begun = at(activeState(), request(command), 100_000).state;
      const later = at(begun, { kind: 'tick' }, 100_000 + 50 * 60_000).state;
      const now = { monoMs: 5_000, wallMs: WALL_MS };
      const next = nextController(later, now);
      assert.equal(maintenanceExpired(next, node, { ...now, monoMs: 5_000 + 9 * 60_000 }), null);
      const over = maintenanceExpired(next, node, { ...now, monoMs: 5_000 + 11 * 60_000 });
      assert.equal(over?.rule, 'S35.maintenance-expired');
    });
  }

  test('is written down every five minutes only', () => {
    const command = { kind: 'maintenance', on: true, node: null, reason: 'disk', expiresAfterMs: HOUR_MS } as const;
    const begun = at(activeState(), request(command), 100_000).state;
    assert.equal(at(begun, { kind: 'tick' }, 390_000).state.service, begun.service);
    assert.equal(at(begun, { kind: 'tick' }, 401_000).state.service.maintenance?.agedMs, 301_000);
  });
});

describe('the failback window', () => {
  /** `b` is active and `a` is preferred; the window was opened for ten minutes. */
  const opened = at(
    activeState({
      rules: serviceRules({ failback: 'window', stableForMs: 1_000 }),
      breadcrumbs: { a: down(), b: { kind: 'maybe', version: 2, epoch: 1 } },
      grant: { node: 'b', epoch: 1, revoked: false },
      service: {
        active: 'b',
        dns: { ...activeState().service.dns, confirmed: { node: 'b', level: 'steady', epoch: 1, seq: 1 } },
      },
      local: { view: viewOf({ a: 'down', b: 'up' }) },
    }),
    { kind: 'failbackWindow', openForMs: 600_000 },
    100_000,
  ).state;
  const openedWallMs = WALL_MS + 100_000;

  const opAfter = (wallMs: number) => {
    const next = nextController(opened, { monoMs: 1_000, wallMs });
    const seen = step(next, { kind: 'tick' }, { monoMs: 6_000, wallMs: wallMs + 5_000 }).state;
    return step(seen, { kind: 'tick' }, { monoMs: 9_000, wallMs: wallMs + 8_000 }).state.op?.kind ?? null;
  };

  test('is still open for the next controller', () => assert.equal(opAfter(openedWallMs + 60_000), 'failback'));
  test('ends at its time', () => assert.equal(opAfter(openedWallMs + 600_000), null));
  test('is not open by a clock that is wrong', () => assert.equal(opAfter(openedWallMs - 60_000), null));
});
