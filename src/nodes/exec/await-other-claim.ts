// Waits for a step that another claim holds: until its result is recorded, until it is certain that nothing was spawned,
// until its processes are gone without a result, or until its own time is up; then they are ended here, because its runner
// does not do it (S12, S33). A step without a result is recorded as killed: what it did is not known, and doing it again
// under the same number would do it twice (I5).
import type { Clock } from '../../base/clock.ts';
import type { ActionEvidence } from '../../ports/node-driver.ts';
import type { Guard } from './guard.ts';
import type { GuardKey, GuardRecord } from './guard-record.ts';
import { endGroup, isGroupAlive } from './process-group.ts';
import { isSameProcessAlive, type ProcessIdentity } from './process-identity.ts';

/** How often the guard is read while somebody else acts. */
const POLL_MS = 50;
/** A healthy runner gets from claim to gate, and from exit to record, within milliseconds; after this it is stopped or dead. */
const PATIENCE_MS = 2_000;

const NO_EVIDENCE: ActionEvidence = { exitCode: null, signal: null, output: '', durationMs: 0 };

type Waiting = {
  readonly key: GuardKey;
  readonly clock: Clock;
  readonly guard: Guard;
  readonly signal: AbortSignal;
};

/**
 * `settled`: ask the guard again. `abandoned`: nothing was spawned under that claim and it may be retaken. `gaveUp`: the
 * caller's right to act ended first.
 */
export async function awaitOtherClaim(
  held: GuardRecord,
  waiting: Waiting,
): Promise<'settled' | 'abandoned' | 'gaveUp'> {
  const { key, clock, guard, signal } = waiting;
  let quietSinceMonoMs = clock.monotonicMs();
  for (;;) {
    const now = guard.read(key);
    if (now === null || now.claim !== held.claim || now.result !== null) return 'settled';
    const isOwnerAlive = isSameProcessAlive(now.owner);
    const isRunning = now.leader !== null && isGroupAlive(now.leader);
    if (isRunning) {
      quietSinceMonoMs = clock.monotonicMs();
      if (now.untilBootMs !== null && clock.bootMs() >= now.untilBootMs) {
        await endOverdue(now.claim, now.leader, waiting);
        return 'settled';
      }
    }
    const isPatienceOver = !isOwnerAlive || clock.monotonicMs() - quietSinceMonoMs > PATIENCE_MS;
    if (!isRunning && isPatienceOver) {
      if (now.phase === 'claimed') return 'abandoned';
      recordInterrupted(now.claim, guard);
      return 'settled';
    }
    if (!(await pause(clock, signal))) return 'gaveUp';
  }
}

/** Records that the runner of a claim is gone without a result. */
export function recordInterrupted(claim: string, guard: Guard): void {
  const reason =
    'The runner of this step ended before the step did; its processes are gone, what they did is not known';
  guard.finish(claim, { kind: 'killed', reason, evidence: NO_EVIDENCE, repeated: false }, { isGone: true });
}

/**
 * Records first and ends the group after: should its runner record an end in the same instant, that end stands and what the
 * script left behind lives on.
 */
async function endOverdue(claim: string, leader: ProcessIdentity, { guard, clock }: Waiting): Promise<void> {
  const reason =
    'The script of this step outlived its timeout and its runner did not end it, so it was ended from outside';
  const result = { kind: 'killed', reason, evidence: NO_EVIDENCE, repeated: false } as const;
  if (!guard.finish(claim, result, { isGone: false })) return;
  if (await endGroup(leader, clock)) guard.forgetGroup(claim);
}

async function pause(clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(POLL_MS, { signal });
    return true;
  } catch {
    // The signal aborted; its reason is the caller's to tell.
    return false;
  }
}
