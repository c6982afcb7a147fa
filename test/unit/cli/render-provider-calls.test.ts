// The line of `status` and `why` on a provider: from the record that the controller keeps to what people read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { renderProviderCalls } from '../../../src/cli/render-provider-calls.ts';
import { type ProviderCalls, readProviderCalls } from '../../../src/controller/read-provider-calls.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';

const NONE = { done: 0, conflict: 0, failed: 0, throttled: 0, putOff: 0 };
const CALLS: ProviderCalls = {
  provider: 'aws',
  calls: {
    list: { ...NONE, done: 4, putOff: 2 },
    apply: { ...NONE, done: 2, throttled: 1, conflict: 1 },
    confirm: NONE,
  },
  waitedMs: 1_500,
  callsLeft: 2,
};

function read(value: string | undefined, prober: string | null = 'p1'): readonly ProviderCalls[] {
  const keys = storeKeys('test');
  const get = (key: string) => (key === keys.providerCalls('p1') && value !== undefined ? { value } : undefined);
  return readProviderCalls({ keys, view: { get } as unknown as StoreView }, prober);
}

describe('calls to providers', () => {
  test('are read from the record of the controller of the moment, and of nobody else', () => {
    assert.deepEqual(read(JSON.stringify([CALLS])), [CALLS]);
    assert.deepEqual(read(JSON.stringify([CALLS]), 'p2'), []);
    assert.deepEqual(read(JSON.stringify([CALLS]), null), []);
  });

  test('a record that is not there or cannot be read tells nothing', () => {
    for (const value of [undefined, '', '{', '[{"provider":1}]']) assert.deepEqual(read(value), []);
  });

  test('are one line for people, with what went wrong and what is left', () => {
    assert.equal(
      renderProviderCalls(CALLS),
      'Provider aws: 8 calls in this term, 1 refused because the record had changed, 1 answered with "slow down", 2 put off, 1.5s waited for the budget, 2 calls left',
    );
    const well = { ...CALLS, calls: { list: { ...NONE, done: 1 }, apply: NONE, confirm: NONE }, waitedMs: 0 };
    assert.equal(renderProviderCalls({ ...well, callsLeft: null }), 'Provider aws: 1 call in this term');
    assert.match(renderProviderCalls({ ...well, callsLeft: -3 }), /, 3 calls over the budget$/);
  });
});
