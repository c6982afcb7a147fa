// Every rule that the simulation can express, as an edit of the source that leaves it out. Each must be found by a violation of
// one of the named invariants; a rule that no run can show has another test, see rules-elsewhere.ts.
import type { Mutation } from './mutation.ts';
import { LEASE_MUTATIONS } from './mutations-lease.ts';
import { OPERATION_MUTATIONS } from './mutations-operation.ts';
import { PROOF_MUTATIONS } from './mutations-proof.ts';
import { SECOND_MUTATIONS } from './mutations-second.ts';
import { SET_MUTATIONS } from './mutations-set.ts';
import { TERM_MUTATIONS } from './mutations-terms.ts';

export const MUTATIONS: readonly Mutation[] = [
  ...TERM_MUTATIONS,
  ...PROOF_MUTATIONS,
  ...OPERATION_MUTATIONS,
  ...LEASE_MUTATIONS,
  ...SET_MUTATIONS,
  ...SECOND_MUTATIONS,
];
