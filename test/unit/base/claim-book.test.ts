// What a process says to the holder of a lease that reaches no store (S37): only ever what it saw last, and never anything else
// once it has refused (S15).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Claim, ClaimBook } from '../../../src/base/claim-book.ts';
import { waitForPeriodMs } from '../../../src/base/clock-bounds.ts';

const BOUNDS = { rho: 0.01, marginMs: 2_000 };
const CLAIM: Claim = { service: 'web', node: 'a', generation: 1, epoch: 4, periodMs: 30_000 };
const HELD = { node: 'a', epoch: 4, revoked: false };
const TRUSTED_MS = waitForPeriodMs(CLAIM.periodMs, BOUNDS);

function bookWith(...grants: readonly (typeof HELD | null)[]): ClaimBook {
  const book = new ClaimBook({ peer: 'p1/x', startedMonoMs: 1_000, bounds: BOUNDS });
  book.enter(1);
  for (const grant of grants) book.note('web', grant);
  return book;
}

function word(book: ClaimBook, nowMonoMs = 1_000 + TRUSTED_MS): string {
  const judged = book.judge(CLAIM, nowMonoMs);
  return judged.kind === 'agreed' ? 'agreed' : judged.reason;
}

describe('a claim', () => {
  test('is agreed to when the grant was seen, and the process was there for long enough', () => {
    assert.equal(word(bookWith(HELD)), 'agreed');
    assert.equal(word(bookWith(HELD), 1_000 + TRUSTED_MS - 1), 'it was started too recently');
  });

  for (const [name, grants, reason] of [
    ['of a service of which nothing was seen', [], 'it has seen no grant of this service'],
    ['after REVOKE', [HELD, { ...HELD, revoked: true }], 'it has seen that epoch 4 is over'],
    ['of an older epoch', [HELD, { ...HELD, epoch: 5 }], 'it has seen that epoch 4 is over'],
    ['after the grant has vanished', [HELD, null], 'it has seen that epoch 4 is over'],
    ['of a later epoch than it knows', [{ ...HELD, epoch: 3 }], 'the grant that it knows is of a, epoch 3'],
    ['of another node', [{ ...HELD, node: 'b' }], 'the grant that it knows is of b, epoch 4'],
    ['of an epoch with two nodes', [HELD, { ...HELD, node: 'b' }], 'it has seen that epoch 4 is over'],
  ] as const)
    test(`${name} is refused`, () => assert.equal(word(bookWith(...grants)), reason));

  test('that was refused stays refused, whatever an older store shows afterwards', () => {
    const book = bookWith(HELD, { ...HELD, revoked: true }, HELD, { ...HELD, epoch: 2 });
    assert.equal(word(book), 'it has seen that epoch 4 is over');
    assert.equal(book.refusesUpTo('web'), 4);
    book.note('web', { ...HELD, epoch: 6 });
    assert.equal(book.refusesUpTo('web'), 5);
  });

  test('of a generation counts in it: the next begins an empty book, and the one before stays refused', () => {
    const book = bookWith({ ...HELD, epoch: 40 });
    assert.equal(book.enter(2), true);
    assert.equal(book.refusesUpTo('web'), 0, 'epochs begin anew');
    assert.equal(word(book), 'it follows grants of generation 2');
    book.note('web', HELD);
    assert.equal(word(book), 'it follows grants of generation 2', 'the same words in the generation before');
    assert.equal(book.judge({ ...CLAIM, generation: 2 }, 1_000 + TRUSTED_MS).kind, 'agreed');
    assert.equal(book.enter(1), false);
    assert.equal(book.generation, 2);
  });
});
