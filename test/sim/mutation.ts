// Faults that are put into the protocol on purpose, to show that the checkers would see them. They are wrappers around ports,
// and nothing outside the tests can pass them.

export type Mutation =
  /** The controller believes that every other node is proven down. */
  | 'skipProof'
  /** A fence passes on the exit code of its command, whatever the confirm query says (S18). */
  | 'exitCodeIsProof'
  /** Every vote looks as if it were given in the verification, so DNS is written before the node answers (S25). */
  | 'dnsBeforeVerify'
  /** The guard forgets steps: late and repeated scripts run (S12). */
  | 'noSteps'
  /** DNS writes are not conditional on the one before (S26). */
  | 'blindDns';
