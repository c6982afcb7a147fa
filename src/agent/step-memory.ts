// What a node remembers of the steps that were asked of it (S12): the highest (generation, epoch, step) of each service is on
// disk before anything is done, lower ones are refused, and an equal one is answered with what came of it.
import type { ServiceId } from '../base/ids.ts';
import type { AgentGoals } from '../ports/agent-link.ts';
import type { ActionContext, ActionResult } from '../ports/node-driver.ts';

export type Position = Pick<ActionContext, 'generation' | 'epoch' | 'step'>;

export type StepRecord = Position & {
  readonly action: string;
  /** Of the machine when the step began: a step from another boot is not under way any more (S13). */
  readonly bootId: string;
  /** Boot in which it was started here by a keeper that binds nothing, and no stop was done since; null: there is none. */
  readonly startedBootId: string | null;
  /** Null while it is under way, and for ever if the agent died in the middle. */
  readonly result: ActionResult | null;
};

export type Generation = AgentGoals['generation'];

/** Survives the agent and the machine. Reading never fails: a file that cannot be read makes the agent refuse to start. */
export type StepMemory = {
  /** The highest that goals were taken from (S4); an empty id: known by its number alone; null: none yet. */
  readonly generation: () => Generation | null;
  /** Resolves when it is durable; rejects when the disk fails, and no goals of it may be taken then. */
  readonly enter: (generation: Generation) => Promise<void>;
  readonly of: (service: ServiceId) => StepRecord | null;
  /** Resolves when it is durable; rejects when the disk fails, and nothing may be done then. */
  readonly write: (service: ServiceId, record: StepRecord) => Promise<void>;
};

export type Claim =
  | { readonly kind: 'new' }
  /** Done before: the recorded answer. */
  | { readonly kind: 'repeated'; readonly result: ActionResult }
  /** Begun by an agent that died in the middle. */
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'lower' };

export function claim(known: StepRecord | null, asked: Position): Claim {
  if (known === null) return { kind: 'new' };
  const order = comparePositions(asked, known);
  if (order > 0) return { kind: 'new' };
  if (order < 0) return { kind: 'lower' };
  return known.result === null ? { kind: 'interrupted' } : { kind: 'repeated', result: known.result };
}

/** Generations first, then epochs, then steps. */
export function comparePositions(a: Position, b: Position): number {
  return a.generation - b.generation || a.epoch - b.epoch || a.step - b.step;
}

/**
 * How the store that goals come from stands to the one that this node followed last (S4): `newer` was recovered, `older` was put
 * back, and `foreign` has the same number and another history.
 */
export function compareGenerations(
  known: Generation | null,
  given: Generation,
): 'same' | 'newer' | 'older' | 'foreign' {
  if (known === null || given.number > known.number) return 'newer';
  if (given.number < known.number) return 'older';
  if (given.id === known.id) return 'same';
  return known.id === '' ? 'newer' : 'foreign';
}
