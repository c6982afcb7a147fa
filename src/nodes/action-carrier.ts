// How one kind of driver carries actions to where they run. What is the same for all kinds (ladders, roles, missing actions)
// is decided in route-actions.ts, so a new kind has only this to do.
import type { ActionConfig } from '../config/config.ts';
import type { ActionContext, ActionEvidence, ActionResult, NodeRole, NodeStatus } from '../ports/node-driver.ts';

/** One step on its way to a node. */
export type CarriedStep = {
  readonly context: ActionContext;
  /** A SteppedAction or `fence`. */
  readonly action: string;
  /** 0, or the level of a fence ladder. */
  readonly part: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

export type Question = {
  readonly context: ActionContext;
  /** `status`, `precheck` or `fence-confirm`. */
  readonly action: string;
  readonly signal: AbortSignal;
};

export type QueryAnswer =
  | { readonly kind: 'said'; readonly word: string; readonly evidence: ActionEvidence }
  | { readonly kind: 'failed'; readonly reason: string; readonly evidence: ActionEvidence };

/** What the guard of a node remembers (S13). */
export type Recalled = Omit<NodeStatus, 'role'> & {
  readonly role: NodeRole;
  /** A start script runs now: it may make the node active any moment. */
  readonly isStarting: boolean;
  /** Whether somebody has answered for the memory; one that holds nothing of this node is an answer too. */
  readonly isHeard: boolean;
};

/** Never rejects; every call is bounded by its timeout and its signal. `act` is safe to repeat with the same step (S12). */
export type ActionCarrier<Action extends ActionConfig = ActionConfig> = {
  readonly act: (action: Action, step: CarriedStep) => Promise<ActionResult>;
  /** Any answer but a word says nothing about the node (S18). */
  readonly query: (action: Action, question: Question) => Promise<QueryAnswer>;
  readonly adopt: (start: Action, step: CarriedStep) => Promise<ActionResult>;
  readonly recall: (start: Action, question: Question) => Promise<Recalled>;
  /** Whether this very step and level was claimed before, where that can be seen without asking; else false. */
  readonly wasFired: (act: Action, step: CarriedStep) => boolean;
  /** Tells the guard that a fence level of this step was confirmed off. What cannot be told is off all the same. */
  readonly recordOff: (act: Action, step: CarriedStep) => Promise<void>;
};

/** One carrier for each kind of action. The compiler says who is missing when a kind is added. */
export type ActionCarriers = {
  readonly [Driver in ActionConfig['driver']]: ActionCarrier<Extract<ActionConfig, { readonly driver: Driver }>>;
};

export const NO_EVIDENCE: ActionEvidence = { exitCode: null, signal: null, output: '', durationMs: 0 };

/** An action that was not done, or of which nothing is known. */
export function withoutEvidence(kind: ActionResult['kind'], reason: string): ActionResult {
  return { kind, reason, evidence: NO_EVIDENCE, repeated: false };
}
