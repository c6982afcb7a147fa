// A prober tells in the store which claims it refuses, as soon as it sees that a grant has ended, and never the other way round (S15, S37).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClaimBook } from '../../../src/base/claim-book.ts';
import { parseClaimRecord } from '../../../src/base/claim-record.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { Config } from '../../../src/config/config.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';
import { followGrants } from '../../../src/prober/follow-grants.ts';
import { testConfig } from '../../support/prober-world.ts';

const KEYS = storeKeys('test');
const GRANT = KEYS.grant('web');
const HELD = { node: 'a', epoch: 4, revoked: false };

function asking(onStoreLoss: 'stayIfPeersAgree' | 'selfFence'): Pick<Config, 'services'> {
  const lease = { periodMs: 30_000, stopTimeoutMs: 5_000, marginMs: 2_000 };
  const agent = {
    name: 'n',
    start: { kind: 'run' as const, command: { argv: ['web'], env: [], cwd: null } },
    lease,
    onStoreLoss,
  };
  const { services } = testConfig();
  return { services: services.map((one) => ({ ...one, nodes: one.nodes.map((node) => ({ ...node, agent })) })) };
}

/** A copy of the store that a test writes. */
function openView() {
  const values = new Map<string, string>();
  const listeners = new Map<string, () => void>();
  const get = (key: string) => {
    const value = values.get(key);
    return value === undefined ? undefined : { key, value, version: 1, sessionId: null };
  };
  const onChange = (key: string, listener: () => void) => {
    listeners.set(key, listener);
    return () => void listeners.delete(key);
  };
  const show = (text: string) => {
    values.set(GRANT, text);
    listeners.get(GRANT)?.();
  };
  return { view: { get, onChange } as unknown as StoreView, show, listeners };
}

function follow(onStoreLoss: 'stayIfPeersAgree' | 'selfFence') {
  const { view, show, listeners } = openView();
  const book = new ClaimBook({ peer: 'p1/x', startedMonoMs: 0, bounds: { rho: 0.01, marginMs: 100 } });
  const reported: (readonly [string, number | null])[] = [];
  const end = new AbortController();
  followGrants({
    ...{ view, keys: KEYS, config: asking(onStoreLoss), prober: 'p1', generation: 1, book, signal: end.signal },
    report: (key, value) => reported.push([key, parseClaimRecord(value ?? '')?.refusesUpTo ?? null]),
  });
  return { book, reported, show, listeners, end };
}

describe('grants that are followed', () => {
  test('a REVOKE is in the book when the store is told of it, and stays there', () => {
    const { book, reported, show, listeners, end } = follow('stayIfPeersAgree');
    for (const grant of [HELD, { ...HELD, revoked: true }, HELD, { node: 'b', epoch: 5, revoked: false }])
      show(JSON.stringify(grant));
    const key = KEYS.claim('web', 'p1');
    assert.deepEqual(
      reported,
      [0, 3, 4, 4, 4].map((upTo) => [key, upTo]),
    );
    show('{"node":');
    assert.deepEqual([book.refusesUpTo('web'), reported.at(-1)], [5, [key, 5]], 'a damaged grant is nobody’s');
    end.abort();
    assert.equal(listeners.size, 0);
  });

  test('a service whose agents ask nobody is not followed', () => {
    const { reported, listeners } = follow('selfFence');
    assert.deepEqual([reported.length, listeners.size], [0, 0]);
  });
});
