// One step in the runner, in the order that makes it safe: claim on disk, end what is older, spawn behind the gate, record
// the gate, and only then `go` (S12). A step that somebody else holds is waited for, never run twice.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { Secret } from '../../base/secret.ts';
import type { ActionEvidence, ActionResult } from '../../ports/node-driver.ts';
import { redactTail } from '../redact-tail.ts';
import { describePosition } from '../step-position.ts';
import { awaitOtherClaim } from './await-other-claim.ts';
import { findObstacle } from './find-obstacle.ts';
import { type ChildEnd, type GatedChild, isGateClosed, spawnGatedChild } from './gated-child.ts';
import type { Guard, StepClaim } from './guard.ts';
import { endGroup, KILL_TIME_MS } from './process-group.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { StepRequest } from './runner-protocol.ts';

export type StepDependencies = {
  readonly clock: Clock;
  readonly guard: Guard;
  /** This runner. */
  readonly owner: ProcessIdentity;
  /** The controller's may-act deadline as last told (S3). */
  readonly untilBootMs: () => number;
  /** Aborts with a text as reason when the right to act ends or the caller gives up. */
  readonly signal: AbortSignal;
  /** Where tests stop the runner. */
  readonly pauseBefore?: ((point: 'record' | 'go') => Promise<void>) | undefined;
};

/** Throws OneupError when the guard's file is not sound; then nothing was started. Safe to repeat with the same position. */
export async function runStep(request: StepRequest, deps: StepDependencies): Promise<ActionResult> {
  const { key, position, action } = request;
  const claim: StepClaim = { key, position, action, claim: randomUUID(), owner: deps.owner };
  for (;;) {
    if (!isInTime(deps)) return unrecorded('killed', `Cannot ${action}: ${endReason(deps)}`);
    const answer = deps.guard.claim(claim);
    switch (answer.kind) {
      case 'claimed':
        return execute(request, claim, deps);
      case 'recorded':
        return { ...answer.result, repeated: true };
      case 'refused':
        return unrecorded(
          'refused',
          `Cannot ${action} at ${describePosition(position)}: the guard has seen ${answer.seen.action} at ${describePosition(answer.seen.position)} (S12)`,
        );
      case 'inFlight': {
        const other = await awaitOtherClaim(answer.record, { key, ...deps });
        if (other === 'abandoned' && deps.guard.retake(claim, answer.record.claim))
          return execute(request, claim, deps);
        if (other === 'gaveUp') return unrecorded('killed', `Cannot wait for ${action}: ${endReason(deps)}`);
      }
    }
  }
}

async function execute(request: StepRequest, claim: StepClaim, deps: StepDependencies): Promise<ActionResult> {
  const { guard, clock } = deps;
  const { action } = request;
  const beganMonoMs = clock.monotonicMs();
  const finish = (
    kind: ActionResult['kind'],
    reason: string,
    left: Partial<ActionEvidence> & { isGone?: boolean } = {},
  ) => {
    const { isGone = true, ...rest } = left;
    const evidence = { ...NO_EVIDENCE, ...rest, durationMs: clock.monotonicMs() - beganMonoMs };
    const result = { kind, reason, evidence, repeated: false };
    if (guard.finish(claim.claim, result, { isGone }) || kind === 'killed') return result;
    return { ...result, kind: 'killed' as const, reason: `${reason}; meanwhile a higher step took its place` };
  };
  const hanging = await endOlderGroups(claim, deps);
  if (hanging !== null)
    return finish('failed', `Cannot ${action}: process group ${hanging} of an earlier step does not end`);
  const obstacle = findObstacle(request) ?? findUnboundedTimeout(request);
  if (obstacle !== null) return finish('failed', `Cannot ${action}: ${obstacle}`);
  if (!isInTime(deps)) return finish('killed', `Cannot ${action}: ${endReason(deps)}`);
  const child = await spawnGatedChild(request, clock);
  if (typeof child === 'string') return finish('failed', `Cannot ${action}: ${child}`);
  const refusal = await openGate(child, { claim, timeoutMs: request.timeoutMs }, deps);
  if (refusal !== null) return finish('killed', `Cannot ${action}: ${refusal}`, { isGone: await child.kill() });
  const end = await child.ended({ timeoutMs: request.timeoutMs, signal: deps.signal });
  const secrets = request.secrets.map((text) => new Secret(text));
  const output = redactTail(child.tail.text(), { isCut: child.tail.isCut, secrets });
  const { exitCode, signal, isGone } = end;
  const { kind, reason } = judgeEnd(end, request, deps);
  return finish(kind, reason, { exitCode, signal, output, isGone });
}

/** Longest action: a day, far below what a timer can hold. A script without a bound would never be killed. */
const TIMEOUT_MAX_MS = 86_400_000;

function findUnboundedTimeout({ timeoutMs }: StepRequest): string | null {
  return timeoutMs > 0 && timeoutMs <= TIMEOUT_MAX_MS
    ? null
    : `the timeout must be from 1 ms to 24 h, value was ${timeoutMs}`;
}

/** The group that does not end, or null when all have. */
async function endOlderGroups({ key, claim }: StepClaim, { guard, clock }: StepDependencies): Promise<number | null> {
  for (const group of guard.liveGroups(key)) {
    if (group.claim === claim) continue;
    if (!(await endGroup(group.leader, clock))) return group.leader.pid;
    guard.forgetGroup(group.claim);
  }
  return null;
}

/** Null when the script was let go; else why it was not. */
async function openGate(
  child: GatedChild,
  { claim, timeoutMs }: { readonly claim: StepClaim; readonly timeoutMs: number },
  deps: StepDependencies,
): Promise<string | null> {
  await deps.pauseBefore?.('record');
  // Kept with the claim, so that others can end the script when this runner is not there to do it.
  const untilBootMs = deps.clock.bootMs() + timeoutMs + KILL_TIME_MS;
  if (!deps.guard.recordGate(claim, { leader: child.leader, untilBootMs, isInTime: () => isInTime(deps) })) {
    return isInTime(deps) ? 'a higher step took its place (S12)' : endReason(deps);
  }
  await deps.pauseBefore?.('go');
  if (!isInTime(deps)) return endReason(deps);
  child.open(deps.untilBootMs());
  return null;
}

function judgeEnd(end: ChildEnd, request: StepRequest, deps: StepDependencies): Pick<ActionResult, 'kind' | 'reason'> {
  const { action, timeoutMs } = request;
  if (end.why === 'aborted') return { kind: 'killed', reason: `Killed ${action}: ${endReason(deps)}` };
  if (end.why === 'timeout')
    return { kind: 'timeout', reason: `Killed ${action}: it took longer than ${timeoutMs} ms` };
  if (end.exitCode === 0) return { kind: 'done', reason: `${action} ended with exit code 0` };
  if (isGateClosed(end) && !isInTime(deps)) return { kind: 'killed', reason: `Cannot ${action}: ${endReason(deps)}` };
  const how = end.exitCode === null ? `was ended by signal ${end.signal}` : `ended with exit code ${end.exitCode}`;
  return { kind: 'failed', reason: `${action} ${how}` };
}

function isInTime({ clock, untilBootMs, signal }: StepDependencies): boolean {
  return !signal.aborted && clock.bootMs() < untilBootMs();
}

function endReason({ signal }: StepDependencies): string {
  return signal.aborted ? String(signal.reason) : "the controller's right to act has ended (S8)";
}

const NO_EVIDENCE: ActionEvidence = { exitCode: null, signal: null, output: '', durationMs: 0 };

function unrecorded(kind: ActionResult['kind'], reason: string): ActionResult {
  return { kind, reason, evidence: NO_EVIDENCE, repeated: false };
}
