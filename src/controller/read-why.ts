// `oneup why`: what happened last or is happening now, which votes and rules decided it, how long each phase took, what is
// blocking and what to do (P5).
import type { ServiceConfig } from '../config/config.ts';
import { type Candidates, candidates } from '../failover/candidates.ts';
import { modeRefusal } from '../failover/hold.ts';
import type { JournalEntry } from '../failover/machine-effect.ts';
import type { Operation, Outcome, PhaseTime } from '../failover/operation.ts';
import { operationTitle } from '../failover/operation-title.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { Store } from '../ports/store.ts';
import { readHistory, readJournal } from './read-history.ts';
import { automaticHold, distinct, plannedHolds } from './read-holds.ts';
import {
  type ReadDeps,
  readController,
  readServiceStatus,
  readWhatIsReadable,
  type ServiceStatus,
} from './read-model.ts';
import type { OperationStatus } from './read-operation.ts';
import { type ProviderCalls, readProviderCalls } from './read-provider-calls.ts';
import { summariseSet } from './read-set.ts';

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
  /** Calls to the provider of its name; null for the zone of oneup itself, and before the first. */
  readonly provider: ProviderCalls | null;
  readonly secondProvider: ProviderCalls | null;
};

export type OperationWhy = {
  readonly opId: string;
  readonly title: string;
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
  const { state: machine } = readWhatIsReadable(deps, service);
  const running = machine.op ?? machine.tail;
  const [last] = running === null ? await readHistory(deps, { service: service.id, limit: 1 }) : [];
  const op = running ?? last?.op ?? null;
  const { operation, tail, refusal, dnsProblem, second, alerts } = status;
  const blocking = distinct([
    operation?.blocked,
    tail?.blocked,
    refusal,
    dnsProblem,
    second?.dnsProblem,
    ...alerts.map((open) => open.refusal),
  ]);
  const { active } = machine.service;
  const calls = readProviderCalls(deps, readController(deps)?.prober ?? null);
  const journal = op === null ? [] : await readJournal(deps, { service: service.id, opId: op.opId });
  return {
    status,
    summary: isAtRest(status) ? summariseSet(machine, service) : summarise(status),
    blocking,
    holds:
      status.set !== null
        ? distinct([modeRefusal(machine)])
        : distinct([...plannedHolds(machine), automaticHold(machine)]),
    // Of the nodes of a running operation it is known why they cannot be started beside it.
    excluded:
      status.set !== null
        ? []
        : candidates(
            machine,
            [active, running?.from, running?.to].filter((node) => typeof node === 'string'),
          ).excluded,
    provider: calls.find(({ provider }) => provider === service.record.provider) ?? null,
    secondProvider: calls.find(({ provider }) => provider === service.record.second?.provider) ?? null,
    operation: op === null ? null : explain(op, journal, running === null ? (last?.outcome ?? 'done') : 'running'),
  };
}

/** An active-active service of which nothing but its answer is to be told. */
function isAtRest({ set, operation, refusal }: ServiceStatus): boolean {
  return set !== null && operation === null && refusal === null;
}

function explain(op: Operation, journal: readonly JournalEntry[], outcome: OperationWhy['outcome']): OperationWhy {
  const { opId, kind, from, to, reason, actor, startedWallMs } = op;
  const plan = journal.find((entry) => entry.phase === 'PLAN' && entry.kind === 'NOTE');
  return {
    opId,
    title: operationTitle(op),
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
  if (status.refusal?.rule === 'S7.record-damaged') return status.refusal.reason;
  if (operation !== null) {
    return `${operation.title} is in ${operation.phase} and ${waiting(operation)}`;
  }
  if (status.refusal !== null) return `${status.active} is down and nothing is done: ${status.refusal.reason}`;
  if (status.dnsProblem !== null)
    return `${status.active} is active, but DNS does not say so: ${status.dnsProblem.reason}`;
  if (status.second?.dnsProblem != null)
    return `${status.active} is active, but DNS says so at one provider only: ${status.second.dnsProblem.reason}`;
  if (tail !== null) return `${status.active} is active; ${tail.phase} ${waiting(tail)}`;
  if (status.active === null)
    return 'no node is active; start one with oneup switchover, or take one over with oneup adopt';
  return `${status.active} is active with epoch ${status.epoch}`;
}

/** What blocks it comes in the next line, with its remedy. */
function waiting({ blocked, waitsFor }: OperationStatus): string {
  return blocked === null ? `waits for ${waitsFor}` : 'is BLOCKED';
}
