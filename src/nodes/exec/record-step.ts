// Steps that only write: taking note of an instance that runs already (S11), and of a node that its fence confirmed off (S18).
import { randomUUID } from 'node:crypto';
import type { ActionResult } from '../../ports/node-driver.ts';
import { describePosition, type StepPosition } from '../step-position.ts';
import type { GuardKey } from './guard-record.ts';
import { isGroupAlive } from './process-group.ts';
import type { StepDependencies } from './run-step.ts';

type Recorded = { readonly key: GuardKey; readonly position: StepPosition };

/** Refused while a script of an earlier step runs: ending it might end the instance that is to be adopted. */
export function recordAdoption({ key, position }: Recorded, deps: StepDependencies): ActionResult {
  const { guard, clock, owner } = deps;
  if (clock.bootMs() >= deps.untilBootMs())
    return say('killed', "Cannot adopt: the controller's right to act has ended (S8)");
  const running = guard.liveGroups(key).find(({ leader }) => isGroupAlive(leader));
  if (running !== undefined) {
    return say(
      'failed',
      `Cannot adopt: process group ${running.leader.pid} of an earlier step still runs; wait for its end`,
    );
  }
  const claim = randomUUID();
  const answer = guard.claim({ key, position, action: 'adopt', claim, owner });
  if (answer.kind === 'recorded') return { ...answer.result, repeated: true };
  if (answer.kind === 'refused') {
    return say(
      'refused',
      `Cannot adopt at ${describePosition(position)}: the guard has seen ${describePosition(answer.seen.position)} (S12)`,
    );
  }
  const result = say('done', 'Recorded as active; nothing was started (S11)');
  guard.finish(answer.kind === 'inFlight' ? answer.record.claim : claim, result, { isGone: true });
  return result;
}

export function recordOff({ key, position }: Recorded, { guard, owner }: StepDependencies): ActionResult {
  if (guard.recordOff(key, position, owner.bootId)) return say('done', 'Recorded as confirmed off (S18)');
  return say('refused', `Cannot record as off: ${describePosition(position)} is not the highest step (S12)`);
}

function say(kind: ActionResult['kind'], reason: string): ActionResult {
  return { kind, reason, evidence: { exitCode: null, signal: null, output: '', durationMs: 0 }, repeated: false };
}
