// The incident of a node that failed: how far it is on its way back, and what the operation in which it failed knows of it.
// A node that is back has its last incident in the history.
import type { NodeId, OpId } from '../base/ids.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { HistoryEntry, JournalEntry } from '../failover/machine-effect.ts';
import type { Operation, Outcome } from '../failover/operation.ts';
import { operationTitle } from '../failover/operation-title.ts';
import { REPAIRED_BY, ROOT_CAUSE } from '../failover/phases-rejoin.ts';
import type { FailedNode, MachineState } from '../failover/service-state.ts';
import type { VoteEvidence } from '../failover/view.ts';
import type { Store } from '../ports/store.ts';
import { readHistory, readJournal } from './read-history.ts';
import { journalAbout, type ScriptOutput, scriptOutputs, votesAbout } from './read-journal-about.ts';
import { type ReadDeps, readMachine } from './read-model.ts';

export type Incident = {
  readonly service: string;
  readonly node: NodeId;
  readonly stage: FailedNode['stage'] | 'back';
  readonly why: string;
  /** The operation in which it failed; null when its records have been forgotten. */
  readonly operation: {
    readonly opId: OpId;
    readonly title: string;
    readonly kind: Operation['kind'];
    readonly from: NodeId | null;
    readonly to: NodeId | null;
    readonly startedWallMs: number;
    readonly outcome: Outcome | 'running';
  } | null;
  readonly opId: OpId;
  /** What the probers said of the node when the operation was planned. */
  readonly votes: readonly VoteEvidence[];
  readonly outputs: readonly ScriptOutput[];
  readonly journal: readonly JournalEntry[];
  readonly rootCause: string | null;
  readonly repairedBy: string | null;
  /** The rejoin that ended it. */
  readonly rejoinedIn: { readonly opId: OpId; readonly endedWallMs: number } | null;
  /** Failures that count against the node now. */
  readonly failures: number;
  readonly next: string;
};

type IncidentDeps = ReadDeps & { readonly store: Store };

/** Entries that are kept of a service; src/cli/retention.ts removes older ones. */
const HISTORY_MAX = 200;

/** Open incidents by node, then the last closed one of every other node. */
export async function readIncidents(deps: IncidentDeps, service: ServiceConfig): Promise<readonly Incident[]> {
  const found = await Promise.all(service.nodes.map(({ id }) => readIncident(deps, service, id)));
  const all = found.filter((incident) => incident !== null);
  return [...all.filter(({ stage }) => stage !== 'back'), ...all.filter(({ stage }) => stage === 'back')];
}

/** null: the node has never failed as far as the history goes. */
export async function readIncident(deps: IncidentDeps, service: ServiceConfig, node: NodeId): Promise<Incident | null> {
  const state = readMachine(deps, service);
  const history = await readHistory(deps, { service: service.id, limit: HISTORY_MAX });
  const failed = state.service.failed[node] ?? null;
  const last = failed === null ? lastFailure(history, node) : null;
  const opId = failed?.opId ?? last?.op.opId;
  if (opId === undefined) return null;
  const running = [state.op, state.tail].find((op) => op?.opId === opId) ?? null;
  const ended = history.find((entry) => entry.op.opId === opId) ?? null;
  const op = running ?? ended?.op ?? null;
  const journal = await readJournal(deps, { service: service.id, opId });
  const about = journalAbout(journal, node);
  const rejoin = failed === null ? rejoinAfter(history, node) : null;
  return {
    service: service.id,
    node,
    stage: failed?.stage ?? 'back',
    why: failed?.why ?? (op === null ? '' : whyOf(op, node)),
    operation: op === null ? null : operationOf(op, ended === null ? 'running' : ended.outcome),
    opId,
    votes: votesAbout(journal, { node, from: op?.from ?? null }),
    outputs: scriptOutputs(about),
    journal: about,
    rootCause: failed === null ? finding(rejoin, ROOT_CAUSE) : failed.rootCause,
    repairedBy: failed === null ? finding(rejoin, REPAIRED_BY) : failed.actor,
    rejoinedIn: rejoin === null ? null : { opId: rejoin.op.opId, endedWallMs: rejoin.endedWallMs },
    failures: state.service.failures[node]?.length ?? 0,
    next: nextStep(state, node, failed),
  };
}

function operationOf(op: Operation, outcome: Outcome | 'running'): Incident['operation'] {
  const { opId, kind, from, to, startedWallMs } = op;
  return { opId, title: operationTitle(op), kind, from, to, startedWallMs, outcome };
}

/** Newest operation that fenced the node, tried it in vain, or moved away from it because it was dead. */
function lastFailure(history: readonly HistoryEntry[], node: NodeId): HistoryEntry | undefined {
  return history.find(({ op, outcome }) => {
    const wasLeft = op.kind === 'automatic' && op.from === node && outcome !== 'aborted' && op.pastReturn;
    return op.fenced.includes(node) || op.tried.includes(node) || wasLeft;
  });
}

function whyOf(op: Operation, node: NodeId): string {
  if (op.tried.includes(node)) return op.failure ?? 'its start failed';
  return op.fenced.includes(node) && op.kind !== 'automatic' ? 'it was fenced' : op.reason;
}

function rejoinAfter(history: readonly HistoryEntry[], node: NodeId): HistoryEntry | null {
  return history.find(({ op, outcome }) => op.kind === 'rejoin' && op.from === node && outcome === 'done') ?? null;
}

function finding(rejoin: HistoryEntry | null, name: string): string | null {
  return rejoin?.op.findings.find(({ what }) => what === name)?.reason ?? null;
}

function nextStep({ rules, service }: MachineState, node: NodeId, failed: FailedNode | null): string {
  const { id } = rules;
  const failures = service.failures[node]?.length ?? 0;
  if (failed === null) {
    const isOut = failures >= rules.failureThreshold.count;
    return isOut ? `Find the cause, then run oneup clear-failures ${id} --node ${node}` : 'Nothing: the node is back';
  }
  switch (failed.stage) {
    case 'failed':
      return `Say that you work on it with oneup repair ${id} --node ${node} --reason "...", repair it, then run oneup rejoin ${id} --node ${node}`;
    case 'repairing':
      return `When it is repaired, run oneup rejoin ${id} --node ${node}`;
    case 'resyncing':
      return `Wait for its resync action; see oneup why ${id}`;
  }
}
