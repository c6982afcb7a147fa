// `oneup status` for people: what is active, what DNS says, what is going on, and what it waits for.
import { formatDuration } from '../base/duration.ts';
import type { ClusterStatus, OperationStatus, ServiceStatus } from '../controller/read-model.ts';
import { table } from './console.ts';
import { renderNodeNotes, renderOverlays } from './render-overlays.ts';

export type StatusAnswer = {
  readonly self: {
    readonly prober: string;
    readonly version: string;
    readonly store: {
      readonly kind: string;
      readonly engine?: string;
      readonly generation?: number;
      readonly code?: string;
      readonly reason?: string;
    };
    readonly dns: {
      readonly mode: string;
      readonly zones: readonly { readonly zone: string; readonly serial: number | null }[];
    };
    readonly config: { readonly differs: boolean };
  };
  readonly cluster: ClusterStatus | null;
  readonly problem?: { readonly code: string; readonly message: string; readonly remedy: string };
};

export function renderStatus(answer: StatusAnswer, nowWallMs: number): string {
  const { self, cluster } = answer;
  const lines: string[] = [];
  const zones = self.dns.zones.map((zone) => `${zone.zone} serial ${zone.serial ?? 'none'}`).join(', ');
  const { kind, engine, generation, code, reason } = self.store;
  const store = kind === 'reachable' ? `reachable (${engine}, generation ${generation})` : `LOST (${code}: ${reason})`;
  if (cluster !== null) {
    const { controller } = cluster;
    const by = controller === null ? 'none' : `${controller.prober}, term ${controller.term}`;
    lines.push(`Cluster ${cluster.cluster}, asked prober ${self.prober}, controller ${by}`);
  } else
    lines.push(
      `Asked prober ${self.prober}: ${answer.problem?.message ?? 'no cluster'}`,
      `  remedy: ${answer.problem?.remedy ?? ''}`,
    );
  lines.push(`Store ${store}; name server ${self.dns.mode}: ${zones}`);
  if (self.config.differs)
    lines.push('The configuration file of this prober differs from the one in force; see oneup reload');
  if (cluster === null) return lines.join('\n');
  const probers = cluster.probers.map((prober) => {
    const state = prober.isAlive ? (prober.selfCheck?.kind === 'isolated' ? 'abstains' : 'votes') : 'absent';
    return [
      `  ${prober.prober}`,
      prober.vantage,
      state,
      prober.isAlive ? (prober.selfCheck?.reason ?? '') : 'no live session',
    ];
  });
  lines.push('Probers', table(probers));
  for (const service of cluster.services) lines.push('', renderService(service, nowWallMs));
  return lines.join('\n');
}

function renderService(status: ServiceStatus, nowWallMs: number): string {
  const { record } = status;
  const answer = record.address === null ? 'nothing yet' : `${record.address} (TTL ${record.ttlSeconds} s)`;
  const lines = [
    `Service ${status.service}: ${status.state.toUpperCase()}, epoch ${status.epoch}, ${record.name} is ${answer}`,
  ];
  const rows = status.nodes.map((node) => [
    `  ${node.node}`,
    node.address,
    node.role,
    `quorum: ${node.quorum}`,
    `record: ${node.breadcrumb.kind} v${node.breadcrumb.version}`,
    renderNodeNotes(node),
  ]);
  lines.push(table(rows));
  for (const operation of [status.operation, status.tail]) {
    if (operation !== null) lines.push(...renderOperation(operation, nowWallMs).map((line) => `  ${line}`));
  }
  for (const refusal of [status.refusal, status.dnsProblem]) {
    if (refusal !== null) lines.push(`  held by ${refusal.rule}: ${refusal.reason}`, `  remedy: ${refusal.remedy}`);
  }
  if (status.laggards.length > 0) lines.push(`  degraded: no new answer from ${status.laggards.join(', ')}`);
  lines.push(...renderOverlays(status, nowWallMs).map((line) => `  ${line}`));
  return lines.join('\n');
}

function renderOperation(operation: OperationStatus, nowWallMs: number): readonly string[] {
  const { kind, from, to, phase, opId } = operation;
  const elapsed = formatDuration(Math.max(0, nowWallMs - operation.startedWallMs));
  return [
    `${kind} ${from ?? 'none'} -> ${to ?? 'none'} (${opId}), ${phase}, for ${elapsed}`,
    `${operation.blocked === null ? 'waits for' : 'BLOCKED:'} ${operation.waitsFor}`,
  ];
}
