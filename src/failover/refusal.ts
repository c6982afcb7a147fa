// Why something is not done: the rule, the reason with its figures, and what the reader can do about it.

/** Ids printed by `why`, `status` and every refusal; docs/rules.md explains each. */
export type RuleId =
  | 'S10.one-operation'
  | 'S17.proof-missing'
  | 'S17.start-in-flight'
  | 'S17.still-answering'
  | 'S19.breadcrumb-changed'
  | 'S20.no-fence-ladder'
  | 'S22.references-lost'
  | 'S24.quorum-pending'
  | 'S27.dns-drift'
  | 'S27.store-went-back'
  | 'S32.precheck-failed'
  | 'S35.maintenance'
  | 'S35.maintenance-expired'
  | 'S36.budget'
  | 'S36.cooldown'
  | 'S36.mass-failure'
  | 'S36.rejoin-needed'
  | 'S7.joining'
  | 'S9.startup-grace'
  | 'adopt.not-running'
  | 'adopt.two-running'
  | 'automatic.off'
  | 'candidate.none'
  | 'failback.preferred-is-active'
  | 'maintenance.active-node'
  | 'maintenance.not-set'
  | 'node.is-active'
  | 'node.never'
  | 'node.not-failed'
  | 'node.unknown'
  | 'switchover.from-differs'
  | 'switchover.running-elsewhere'
  | 'target.answering';

export type Refusal = { readonly rule: RuleId; readonly reason: string; readonly remedy: string };
