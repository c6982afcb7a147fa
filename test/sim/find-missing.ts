// Proof that the checkers are awake, as a test: rules are left out of the source as it is loaded, and an invariant shows each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Mutation } from './mutation.ts';
import { findMutations, isFound } from './play-mutations.ts';

/** The recorded seed shows it today; after a change of the product another one does, within so many. */
const SEEDS_MAX = 600;

/** One worker: the files of this suite run side by side. */
export function findMissing(mutations: readonly Mutation[]): void {
  test('each rule that is left out is found by an invariant that it is known for', async () => {
    const search = { fromSeed: (mutation: Mutation) => mutation.fromSeed, seeds: SEEDS_MAX, workers: 1 };
    const found = await findMutations(mutations, search);
    const missed = found.filter((one) => !isFound(one));
    assert.deepEqual(
      missed.map(({ mutation, failure }) => [mutation.id, failure]),
      [],
    );
    assert.equal(found.length, mutations.length);
  });
}
