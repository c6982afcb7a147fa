// Without a store `status` tells what was known last and what the own name server answers, and for one service if that was asked.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readLastKnown } from '../../../src/cli/last-known.ts';
import { onlyService } from '../../../src/cli/only-service.ts';
import { renderLastKnown } from '../../../src/cli/render-last-known.ts';
import { renderStatus, type StatusAnswer } from '../../../src/cli/render-status.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';
import type { LoadedZone } from '../../../src/zone/compiled-zone.ts';
import type { ServingMode, ServingState } from '../../../src/zone/serving-state.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createReadBench } from '../controller/read-bench.ts';

function serving(name: string, mode: ServingMode): ServingState {
  const rrsets = [{ name, type: 'A', ttlSeconds: 20, values: ['192.0.2.1'] }] as const;
  return { zones: [{ kind: 'loaded', snapshot: { rrsets } } as unknown as LoadedZone], mode };
}

async function lines(mode: ServingMode, change: Partial<StoreView> | null): Promise<string[]> {
  const { deps, service } = await createReadBench();
  const clock = createFakeClock();
  await clock.advance(12_000);
  const view =
    change === null ? null : { ...deps.view, confirmedAtMonoMs: () => clock.monotonicMs() - 12_000, ...change };
  const known = readLastKnown({ config: deps.config, view, serving: serving(service.record.name, mode), clock });
  return known.map(renderLastKnown);
}

describe('without a store', () => {
  for (const [line, mode, change] of [
    [
      'Service web: last known here 12s ago: a active, epoch 1; this name server answers 192.0.2.1 (TTL 2 s)',
      { kind: 'lost', ttlCapSeconds: 2 },
      {},
    ],
    [
      'Service web: nothing is known here without the store; this name server answers 192.0.2.1 (TTL 20 s)',
      { kind: 'fresh' },
      null,
    ],
    [
      'Service web: nothing is known here without the store; this name server gives no answer',
      { kind: 'refuse' },
      { confirmedAtMonoMs: () => null },
    ],
  ] as const)
    test(line, async () => assert.deepEqual(await lines(mode, change), [line]));

  test('status shows it, and only the service that was asked for', () => {
    const known = (service: string) => ({ service, record: null, answer: null });
    const answer: StatusAnswer = {
      self: {
        prober: 'p1',
        version: '0',
        store: { kind: 'lost', code: 'ONEUP_STORE_UNREACHABLE', reason: 'gone' },
        dns: { mode: 'lost', zones: [] },
        config: { standing: null },
        lastKnown: [known('web'), known('db')],
      },
      cluster: null,
    };
    assert.match(renderStatus(answer, 0), /^Service web: .*^Service db: /ms);
    assert.doesNotMatch(renderStatus(onlyService(answer, 'db'), 0), /Service web/);
    assert.equal(onlyService(answer, undefined), answer);
    assert.throws(() => onlyService(answer, 'mail'), {
      code: 'ONEUP_USAGE',
      message: /mail is not configured.*web, db/,
    });
  });
});
