// Whether a time of a job is this node's to run. What is not known is a no, and the reason is told.
import type { ServiceState } from '../ports/node-state.ts';

export type Activity =
  | { readonly kind: 'active'; readonly epoch: number; readonly isRenewed: boolean }
  | { readonly kind: 'inactive' | 'unknown'; readonly reason: string };

/** `state`: what the agent says of the service now; undefined: nothing. */
export function activityOf(state: ServiceState | undefined): Activity {
  if (state === undefined) return { kind: 'unknown', reason: 'the agent has heard nothing of the service yet' };
  const { role, epoch, renewedBootMs } = state;
  if (role === 'active') return { kind: 'active', epoch, isRenewed: renewedBootMs !== null };
  if (role === 'unknown') return { kind: 'unknown', reason: 'it is not known whether the service runs here' };
  return { kind: 'inactive', reason: `this node is ${role}` };
}

/** Missed times that may be made good by one run. */
export type CatchUp = {
  readonly dueWallMs: number;
  readonly count: number;
  /** Under which the node was active before the times that were missed. */
  readonly epoch: number;
  readonly untilBootMs: number;
};

export type CatchUpDecision = { readonly kind: 'run' | 'wait' } | { readonly kind: 'drop'; readonly reason: string };

/** Under another epoch somebody else may have run it meanwhile (S11). */
export function judgeCatchUp(
  catchUp: CatchUp,
  { activity, nowBootMs }: { readonly activity: Activity; readonly nowBootMs: number },
): CatchUpDecision {
  if (activity.kind === 'inactive') return { kind: 'drop', reason: activity.reason };
  if (activity.kind === 'active' && activity.epoch !== catchUp.epoch)
    return { kind: 'drop', reason: `its epoch is ${activity.epoch} now and was ${catchUp.epoch}` };
  if (activity.kind === 'active' && activity.isRenewed) return { kind: 'run' };
  if (nowBootMs < catchUp.untilBootMs) return { kind: 'wait' };
  return { kind: 'drop', reason: activity.kind === 'active' ? 'its lease was not renewed' : activity.reason };
}
