// A failure of a statement, with what it means for the change that was asked for. Decided where the failure is born.
import type { OneupError } from '../../base/oneup-error.ts';

/**
 * `undone`: the server said something that proves that nothing was written. `again`: the same, and another attempt may well
 * succeed. `none`: nobody can tell (S6).
 */
export type Proof = 'none' | 'undone' | 'again';

export class SqlFailure extends Error {
  /** What is reported. */
  readonly fault: OneupError;
  readonly proof: Proof;

  constructor(fault: OneupError, proof: Proof) {
    super(fault.message, { cause: fault });
    this.name = 'SqlFailure';
    this.fault = fault;
    this.proof = proof;
  }
}
