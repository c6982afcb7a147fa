// Counts the requests of a cutover, call by call: one list, one apply, one question whether it has spread. And those of a write
// that is refused because somebody else wrote after it had listed.
import assert from 'node:assert/strict';
import { managedNames } from '../../src/plan/ownership.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { NAME, planFrom, ZONE } from '../conformance/provider-samples.ts';

const FIRST = { node: 'a', level: 'steady', epoch: 1, seq: 1 } as const;
const SECOND = { node: 'b', level: 'steady', epoch: 2, seq: 2 } as const;
const options = () => ({ names: managedNames(NAME), signal: AbortSignal.timeout(20_000) });

export type CutoverCounts = { readonly list: number; readonly apply: number; readonly confirm: number };

/** After a first write that is not counted. `refused`: of the same apply, sent once more when it is not true any more. */
export async function countCutover(
  provider: DnsProvider,
  requests: () => number,
): Promise<{ readonly counts: CutoverCounts; readonly refused: number }> {
  const first = planFrom(await provider.list(ZONE, options()), FIRST, null);
  assert.ok(first.kind === 'write');
  const written = await provider.apply(ZONE, first.write.changes, { ...options(), idempotencyKey: '1' });
  assert.equal(written.kind, 'applied');
  const counted = async <T>(call: () => Promise<T>): Promise<{ readonly answer: T; readonly count: number }> => {
    const before = requests();
    const answer = await call();
    return { answer, count: requests() - before };
  };
  const list = await counted(() => provider.list(ZONE, options()));
  const second = planFrom(list.answer, SECOND, FIRST);
  assert.ok(second.kind === 'write');
  const { changes } = second.write;
  const apply = await counted(() => provider.apply(ZONE, changes, { ...options(), idempotencyKey: '2' }));
  assert.ok(apply.answer.kind === 'applied');
  const { changeId } = apply.answer;
  const confirm = await counted(() => provider.confirm(changeId, options()));
  const late = await counted(() => provider.apply(ZONE, changes, { ...options(), idempotencyKey: '3' }));
  assert.equal(late.answer.kind, 'conflict');
  return { counts: { list: list.count, apply: apply.count, confirm: confirm.count }, refused: late.count };
}
