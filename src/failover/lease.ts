// The lease of an agent as proof: the grant is revoked by commit, so no renewal can succeed after it, and when the last renewal
// has certainly run out on the agent's own clock, its keeper has ended the service (S14 to S16). It runs beside stop and fence;
// the first proof wins (S20).
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import { formatDuration } from '../base/duration.ts';
import type { NodeId } from '../base/ids.ts';
import type { Answer, Renewal } from './machine-event.ts';
import type { Operation } from './operation.ts';
import { proveDown } from './proof.ts';
import type { LeaseWait, MachineState } from './service-state.ts';
import { ask, dropIntent, note, operationIn, patchLocal, type Transition } from './transition.ts';

/** REVOKE goes out with STOP_OLD; in the same commit, so that everything after it rests on it (S15, S20). */
export function revoke(t: Transition, node: NodeId): void {
  const { grant } = t.state;
  if (grant?.node !== node || !hasLease(t.state, node)) return;
  if (!grant.revoked) {
    t.state = { ...t.state, grant: { ...grant, revoked: true } };
    note(t, `The grant of ${node} is revoked: its lease is renewed no more`, { rules: ['S15'] });
  }
}

function hasLease({ rules }: MachineState, node: NodeId): boolean {
  return rules.nodes.find(({ id }) => id === node)?.leaseProof === true;
}

/** The wait counts from here, which is after the answer to REVOKE; a new term asks, and waits, anew (S15). */
export function answerLease(t: Transition, { node, epoch, renewal }: Extract<Answer, { kind: 'lease' }>): void {
  const { op, grant, local } = t.state;
  if (op === null || grant?.node !== node || grant.epoch !== epoch || !grant.revoked) return;
  const wait = judge(t, node, renewal);
  // Asked again and again, it says the same for as long as it takes: the journal has it once.
  if (local.leaseWaits[node]?.why !== wait.why)
    note(t, `Lease of ${node}: ${wait.why}`, { rules: ['S15', 'S16'], evidence: { node, renewal } });
  patchLocal(t, { leaseWaits: { ...local.leaseWaits, [node]: wait } });
}

function judge(t: Transition, node: NodeId, renewal: Renewal | null): LeaseWait {
  const crumb = t.state.breadcrumbs[node];
  if (renewal === null) {
    // Whatever ran before the grant was not bound by it, so this holds only for a node that was proven down then.
    const isClean = crumb?.kind === 'maybe' && crumb.wasDown === true;
    const why = 'it was never renewed under this grant';
    if (isClean) return { untilMonoMs: t.now.monoMs, why: `${why}, so nothing was started` };
    return { untilMonoMs: null, why: `${why}, and the node was not proven down before it` };
  }
  if (!renewal.armed || renewal.enforced === 'none') {
    return { untilMonoMs: null, why: 'nobody is bound to end the service at its deadline' };
  }
  // The holder needs the word of all, so one that refuses is enough; without one the lease may go on and on (S15, S37).
  if (renewal.asked.length > 0 && renewal.refusedBy === null) {
    // One of them may come back, or another process of its prober which knows that it is dead: it is asked again (S19).
    const againAtMonoMs = t.now.monoMs + operationIn(t).rules.retryMs;
    const why = `none of ${renewal.asked.join(', ')} says that it refuses the holder`;
    return { untilMonoMs: null, why, againAtMonoMs };
  }
  const waitMs = waitForPeriodMs(renewal.periodMs, operationIn(t).rules.bounds);
  return {
    untilMonoMs: t.now.monoMs + waitMs,
    why: `${renewal.enforced} ends the service within ${formatDuration(waitMs)}`,
  };
}

/** Takes the proof of every lease that has run out. Returns whether there was one. */
export function takeLeaseProofs(t: Transition): boolean {
  const { op, local } = t.state;
  if (op === null) return false;
  askAnew(t, op);
  const node = op.clear.find((id) => {
    const untilMonoMs = local.leaseWaits[id]?.untilMonoMs ?? null;
    return untilMonoMs !== null && t.now.monoMs >= untilMonoMs && t.state.breadcrumbs[id]?.kind !== 'down';
  });
  if (node === undefined) return false;
  const wait = local.leaseWaits[node];
  // A stop or a fence that is still under way has lost the race; its step is refused once a higher one was seen (S12).
  if (op.intent?.intent.node === node) dropIntent(t);
  forgetLease(t, node);
  proveDown(t, node, `its lease has run out: ${wait?.why}`);
  return true;
}

/**
 * After the REVOKE is committed, and again by a next term, which finds the grant revoked and knows nothing of the wait; and where
 * only a refuser was missing, after a while, as long as the proof is missing (S15, S19).
 */
function askAnew(t: Transition, op: Operation): void {
  const { grant, local } = t.state;
  if (grant === null || !grant.revoked || !op.clear.includes(grant.node) || !hasLease(t.state, grant.node)) return;
  const { node, epoch } = grant;
  const wait = local.leaseWaits[node];
  const isDue = wait?.againAtMonoMs !== undefined && t.now.monoMs >= wait.againAtMonoMs;
  if (wait === undefined || isDue) ask(t, { kind: 'lease', node, epoch });
}

/** A wait belongs to one grant; what is seen afterwards needs a proof of its own. */
export function forgetLease(t: Transition, node: NodeId): void {
  const rest = Object.entries(t.state.local.leaseWaits).filter(([id]) => id !== node);
  patchLocal(t, { leaseWaits: Object.fromEntries(rest) });
}

/** Whether there is still something to wait for before a missing fence ladder blocks the operation. */
export function isLeaseRunning({ local }: MachineState, op: Operation, node: NodeId): boolean {
  const wait = local.leaseWaits[node];
  if (wait !== undefined) return wait.untilMonoMs !== null;
  return local.asking.some((key) => key.startsWith(`lease:${node}:`)) && op.clear.includes(node);
}
