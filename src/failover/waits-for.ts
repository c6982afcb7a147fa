// What an operation is waiting for, in words a person at three in the morning can use (P5, I15).
import { formatDuration } from '../base/duration.ts';
import type { Operation, Phase } from './operation.ts';

const WAITS: Readonly<Record<Phase, (op: Operation) => string>> = {
  PLAN: () => 'the controller to plan it',
  PRECHECK: (op) =>
    op.kind === 'check' ? `answer ${op.findings.length + 1} of the drill` : `the precheck of ${op.to}`,
  SYNC: (op) => `the sync action on ${op.to}`,
  TTL_LOWER: (op) => `the old TTL of ${formatDuration(longestTtlMs(op))} to expire in resolvers`,
  DRAIN: (op) => `${op.from} to finish its work${limit(op)}`,
  UNDRAIN: (op) => `the drain of ${op.from} to be undone${limit(op)}`,
  STOP_OLD: (op) =>
    op.intent === null && op.rules.warmStandby
      ? `${op.clear[0] ?? op.from} to say whether it is a standby`
      : `${op.clear[0] ?? op.from} to acknowledge its stop${limit(op)}`,
  FENCE: (op) =>
    `level ${op.fenceLevel + 1} of the fence ladder of ${op.clear[0] ?? op.from} to confirm that it is off`,
  CONFIRM_DOWN: (op) =>
    `every prober to stop seeing any node${op.to === null ? '' : ` but ${op.to}`} answering as active`,
  GRANT: (op) => `the grant to ${op.to}`,
  START_NEW: (op) => `the start action on ${op.to}${limit(op)}`,
  VERIFY_NEW: (op) => `a quorum to see ${op.to} up, at most ${formatDuration(op.rules.verifyTimeoutMs)}`,
  TARGET_FAILED: (op) => `what to do after ${op.to} failed`,
  RESYNC: (op) => `the resync action on ${op.from}${limit(op)}`,
  CUTOVER: (op) => `the DNS provider to take the answer for ${op.to}`,
  PROPAGATE: () => 'every name server to answer anew, and the old answer to expire in resolvers',
  POST: () => 'the history to be written',
  DONE: () => 'nothing',
};

/** Of the providers that have one to lower. */
function longestTtlMs({ rules }: Operation): number {
  const ttls = rules.second === undefined ? [rules.ttl] : [rules.ttl, rules.second.ttl];
  return Math.max(0, ...ttls.filter(({ steadyMs, suspectMs }) => steadyMs > suspectMs).map(({ steadyMs }) => steadyMs));
}

function limit(op: Operation): string {
  const { intent } = op.intent ?? {};
  return intent !== undefined && 'timeoutMs' in intent ? `, at most ${formatDuration(intent.timeoutMs)}` : '';
}

export function waitsFor(op: Operation): string {
  // Its remedy stands beside it wherever it is told.
  return op.blocked === null ? WAITS[op.phase](op) : op.blocked.reason;
}
