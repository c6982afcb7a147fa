// What an operation is waiting for, in words a person at three in the morning can use (P5, I15).
import { formatDuration } from '../base/duration.ts';
import type { Operation, Phase } from './operation.ts';

const WAITS: Readonly<Record<Phase, (op: Operation) => string>> = {
  PLAN: () => 'the controller to plan it',
  PRECHECK: (op) =>
    op.kind === 'check' ? `answer ${op.findings.length + 1} of the drill` : `the precheck of ${op.to}`,
  SYNC: (op) => `the sync action on ${op.to}`,
  TTL_LOWER: (op) => `the old TTL of ${formatDuration(op.rules.ttl.steadyMs)} to expire in resolvers`,
  DRAIN: (op) => `${op.from} to finish its work${limit(op)}`,
  UNDRAIN: (op) => `the drain of ${op.from} to be undone${limit(op)}`,
  STOP_OLD: (op) => `${op.clear[0] ?? op.from} to acknowledge its stop${limit(op)}`,
  FENCE: (op) =>
    `level ${op.fenceLevel + 1} of the fence ladder of ${op.clear[0] ?? op.from} to confirm that it is off`,
  CONFIRM_DOWN: (op) => `every prober to stop seeing any node but ${op.to ?? 'none'} answering as active`,
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

function limit(op: Operation): string {
  const { intent } = op.intent ?? {};
  return intent !== undefined && 'timeoutMs' in intent ? `, at most ${formatDuration(intent.timeoutMs)}` : '';
}

export function waitsFor(op: Operation): string {
  return op.blocked === null ? WAITS[op.phase](op) : `${op.blocked.reason} (${op.blocked.remedy})`;
}
