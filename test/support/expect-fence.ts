// What a fence level must say: asked without firing, or fired and then asked until it is proven (S18). What it left behind must hold
// no password.
import assert from 'node:assert/strict';
import type { FenceResult, NodeDriver } from '../../src/ports/node-driver.ts';
import { contextAt, NEVER } from './exec-bench.ts';

/** The password of every login that fences in a test. */
export const FENCE_PASSWORD = 'fence-Secret-9';

type Fenced = { readonly driver: NodeDriver };

export async function expectState({ driver }: Fenced, kind: FenceResult['kind'], words: RegExp): Promise<void> {
  const answer = await driver.fenceStatus(contextAt(1), { level: 0, signal: NEVER });
  const text = `${answer.reason}\n${answer.evidence.output}`;
  assert.match(text, words);
  assert.equal(answer.kind, kind, text);
  assert.ok(!JSON.stringify(answer).includes(FENCE_PASSWORD), 'a password is in the evidence');
}

/** Each call has a higher step: an equal one would be answered from the record. */
export async function expectFenced({ driver }: Fenced, step: number): Promise<void> {
  const { kind, reason, evidence } = await driver.fence(contextAt(step), { level: 0, signal: NEVER });
  assert.equal(kind, 'off', `${reason}: ${evidence.output}`);
}
