// `oneup why`: what happened last or is happening now, which votes and rules decided it, how long each phase took, what is
// blocking and what to do (P5).
import { formatDuration } from '../base/duration.ts';
import type { ServiceConfig } from '../config/config.ts';
import { type Candidates, candidates } from '../failover/candidates.ts';
import type { JournalEntry } from '../failover/machine-effect.ts';
import type { Operation, Outcome, PhaseTime } from '../failover/operation.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { Store } from '../ports/store.ts';
import { readHistory, readJournal } from './read-history.ts';
import { automaticHold, distinct, plannedHolds } from './read-holds.ts';
import { type ReadDeps, readMachine, readServiceStatus, type ServiceStatus } from './read-model.ts';

export type Why = {
  readonly status: ServiceStatus;
  /** One sentence: what the service does now and, if it does not do what it should, why. */
  readonly summary: string;
  /** What is wrong or stands still now, each with its remedy. */
  readonly blocking: readonly Refusal[];
  /** What would hold the next move, planned or automatic. */
  readonly holds: readonly Refusal[];
  /** Nodes that could not be started now. */
  readonly excluded: Candidates['excluded'];
  readonly operation: OperationWhy | null;
};

export type OperationWhy = {
  readonly opId: string;
  readonly kind: Operation['kind'];
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly actor: string;
  readonly startedWallMs: number;
  readonly outcome: Outcome | 'running';
  /** The votes that were counted when it was planned. */
  readonly votes: unknown;
  /** Ids of every rule that spoke, in the order in which they did. */
  readonly rules: readonly string[];
  readonly phases: readonly (PhaseTime & { readonly evidence: readonly JournalEntry[] })[];
  readonly journal: readonly JournalEntry[];
};

export async function readWhy(deps: ReadDeps & { readonly store: Store }, service: ServiceConfig): Promise<Why> {
  const status = readServiceStatus(deps, service);
  const machine = readMachine(deps, service);
  const running = machine.op ?? machine.tail;
  const [last] = running === null ? await readHistory(deps, { service: service.id, limit: 1 }) : [];
  const op = running ?? last?.op ?? null;
  const { operation, tail, refusal, dnsProblem, alerts } = status;
  const blocking = distinct([
    operation?.blocked,
    tail?.blocked,
    refusal,
    dnsProblem,
    ...alerts.map((open) => open.refusal),
  ]);
  const { active } = machine.service;
  const journal = op === null ? [] : await readJournal(deps, { service: service.id, opId: op.opId });
  return {
    status,
    summary: summarise(status),
    blocking,
    holds: distinct([...plannedHolds(machine), automaticHold(machine)]),
    excluded: candidates(machine, active === null ? [] : [active]).excluded,
    operation: op === null ? null : explain(op, journal, running === null ? (last?.outcome ?? 'done') : 'running'),
  };
}

function explain(op: Operation, journal: readonly JournalEntry[], outcome: OperationWhy['outcome']): OperationWhy {
  const { opId, kind, from, to, reason, actor, startedWallMs } = op;
  const plan = journal.find((entry) => entry.phase === 'PLAN' && entry.kind === 'NOTE');
  return {
    opId,
    kind,
    from,
    to,
    reason,
    actor,
    startedWallMs,
    outcome,
    votes: plan?.evidence.votes ?? [],
    rules: [...new Set(journal.flatMap((entry) => entry.rules))],
    phases: op.phases.map((time) => ({ ...time, evidence: journal.filter((entry) => entry.phase === time.phase) })),
    journal,
  };
}

function summarise(status: ServiceStatus): string {
  const { operation, tail } = status;
  if (operation !== null) {
    return `${operation.kind} to ${operation.to ?? 'none'} is in ${operation.phase} and waits for ${operation.waitsFor}`;
  }
  if (status.refusal !== null) return `${status.active} is down and nothing is done: ${status.refusal.reason}`;
  if (status.dnsProblem !== null)
    return `${status.active} is active, but DNS does not say so: ${status.dnsProblem.reason}`;
  if (tail !== null) return `${status.active} is active; ${tail.phase} waits for ${tail.waitsFor}`;
  if (status.active === null)
    return 'no node is active; start one with oneup switchover, or take one over with oneup adopt';
  return `${status.active} is active with epoch ${status.epoch}`;
}

/** Total time of an operation's phases, for people. */
export function totalTime(phases: readonly PhaseTime[]): string {
  return formatDuration(phases.reduce((sum, phase) => sum + phase.durationMs, 0));
}
