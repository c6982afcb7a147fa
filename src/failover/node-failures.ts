// Failures that count against a node for a time, so that one that fails again and again is left out (Pacemaker's
// migration-threshold and failure-timeout).
import { formatDuration } from '../base/duration.ts';
import type { NodeId, OpId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';
import type { AgedOperation, MachineState, ServiceRecord } from './service-state.ts';
import { operationIn, patchLocal, patchService, type Transition } from './transition.ts';

/** Failures remembered of one node; more than any threshold. */
const FAILURES_MAX = 32;

/** Counts the running operation as a failure of the node, once. */
export function noteFailure(t: Transition, node: NodeId): void {
  const { opId } = operationIn(t);
  const { failures } = t.state.service;
  const known = failures[node] ?? [];
  if (known.some((entry) => entry.opId === opId)) return;
  patchService(t, { failures: { ...failures, [node]: [...known, { opId, agedMs: 0 }].slice(-FAILURES_MAX) } });
  rememberAge(t, opId);
}

/** Ages are measured from here by this controller (S1). */
export function rememberAge(t: Transition, opId: OpId): void {
  const { firstSeenMonoMs } = t.state.local;
  if (firstSeenMonoMs[opId] !== undefined) return;
  patchLocal(t, { firstSeenMonoMs: { ...firstSeenMonoMs, [opId]: t.now.monoMs } });
}

export function overThreshold(state: MachineState, node: NodeId): Refusal | null {
  const { count, perMs } = state.rules.failureThreshold;
  const failures = state.service.failures[node] ?? [];
  if (failures.length < count) return null;
  return {
    rule: 'S36.failure-threshold',
    reason: `node ${node} failed ${failures.length} times within ${formatDuration(perMs)}`,
    remedy: `Find the cause, then run oneup clear-failures ${state.rules.id} --node ${node}`,
  };
}

/** Every operation whose age is kept in the records of the service. */
export function agedOperations(service: ServiceRecord): readonly AgedOperation[] {
  const { automaticOps, cooldown, restarts, failures } = service;
  return [...automaticOps, ...(cooldown === null ? [] : [cooldown]), ...restarts, ...Object.values(failures).flat()];
}

/** The records with every entry passed through `keep`; null leaves it out. */
export function mapAged(
  service: ServiceRecord,
  keep: (entry: AgedOperation, kind: 'automatic' | 'cooldown' | 'restart' | 'failure') => AgedOperation | null,
): Pick<ServiceRecord, 'automaticOps' | 'cooldown' | 'restarts' | 'failures'> {
  const all = (entries: readonly AgedOperation[], kind: 'automatic' | 'restart' | 'failure') =>
    entries.map((entry) => keep(entry, kind)).filter((entry) => entry !== null);
  const failures = Object.entries(service.failures)
    .map(([node, entries]) => [node, all(entries, 'failure')] as const)
    .filter(([, entries]) => entries.length > 0);
  return {
    automaticOps: all(service.automaticOps, 'automatic'),
    cooldown: service.cooldown === null ? null : keep(service.cooldown, 'cooldown'),
    restarts: all(service.restarts, 'restart'),
    failures: Object.fromEntries(failures),
  };
}
