// `oneup status` for people: what is active, what DNS says, what is going on, and what it waits for.
import { formatDuration } from '../base/duration.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import type { ClusterStatus, ProberStatus, ServiceStatus } from '../controller/read-model.ts';
import type { OperationStatus } from '../controller/read-operation.ts';
import type { SetStatus } from '../controller/read-set.ts';
import { table } from './console.ts';
import type { LastKnown } from './last-known.ts';
import { renderJobs } from './render-jobs.ts';
import { renderLastKnown } from './render-last-known.ts';
import { isAmong, renderNodeNotes, renderOverlays } from './render-overlays.ts';
import { renderProviderCalls } from './render-provider-calls.ts';
import { renderMembers, renderStore, type ToldStore } from './render-store.ts';

export type StatusAnswer = {
  readonly self: {
    readonly prober: string;
    readonly version: string;
    readonly store: ToldStore;
    readonly dns: {
      readonly mode: string;
      readonly zones: readonly { readonly zone: string; readonly serial: number | null }[];
    };
    readonly config: { readonly standing: ConfigStanding | null };
    readonly lastKnown?: readonly LastKnown[];
  };
  readonly cluster: ClusterStatus | null;
  readonly problem?: { readonly code: string; readonly message: string; readonly remedy: string };
};

export function renderStatus(answer: StatusAnswer, nowWallMs: number): string {
  const { self, cluster } = answer;
  const lines: string[] = [];
  const zones = self.dns.zones.map((zone) => `${zone.zone} serial ${zone.serial ?? 'none'}`).join(', ');
  if (cluster !== null) {
    const { controller } = cluster;
    const by = controller === null ? 'none' : `${controller.prober}, term ${controller.term}`;
    lines.push(`Cluster ${cluster.cluster}, asked prober ${self.prober}, controller ${by}`);
  } else
    lines.push(
      `Asked prober ${self.prober}: ${answer.problem?.message ?? 'no cluster'}`,
      `  remedy: ${answer.problem?.remedy ?? ''}`,
    );
  lines.push(
    `${renderStore(self.store)}; name server ${self.dns.mode}: ${zones === '' ? 'no zones' : zones}`,
    ...renderMembers(self.store),
  );
  if (self.config.standing !== null && self.config.standing !== 'inForce')
    lines.push(`The configuration file of this prober ${STANDING[self.config.standing]}`);
  if (cluster === null) return [...lines, ...(self.lastKnown ?? []).map(renderLastKnown)].join('\n');
  lines.push('Probers', table(cluster.probers.map((prober) => renderProber(prober, cluster.services))));
  lines.push(...cluster.providers.map(renderProviderCalls));
  for (const service of cluster.services) lines.push('', renderService(service, nowWallMs));
  return lines.join('\n');
}

/** What the store has proof of (S11, S19): every active node may be running. */
const CRUMBS = {
  down: 'proven down',
  maybe: 'may be running',
  unknown: 'nothing known',
  joining: 'joining, never proven down',
} as const;

const STANDING = {
  differs: 'differs from the one in force; see oneup reload',
  unloadable: 'is what it runs with: it cannot load the one in force, and neither votes nor leads',
} as const;

type ProberState = 'absent' | 'outside' | 'no vote' | 'abstains' | 'votes';

const NOTES: Partial<Readonly<Record<ProberState, string>>> = {
  absent: 'no live session',
  outside: 'not in the configuration in force, no vote',
  'no vote': 'runs another configuration',
};

function stateOf({ isAlive, isMember, runsAnother, selfCheck }: ProberStatus): ProberState {
  if (!isAlive) return 'absent';
  if (!isMember) return 'outside';
  if (runsAnother) return 'no vote';
  return selfCheck?.kind === 'isolated' ? 'abstains' : 'votes';
}

/** Where not everybody looks at every service, a living prober may have a vote on a few of them, or on none (S24). */
function shareOf({ prober }: ProberStatus, services: readonly ServiceStatus[]): string {
  if (services.every(({ voters }) => voters === null)) return 'votes';
  const own = services.filter(({ voters }) => voters === null || voters.includes(prober));
  return `votes on ${own.length} of ${services.length} services`;
}

function renderProber(prober: ProberStatus, services: readonly ServiceStatus[]): readonly string[] {
  const { selfCheck, configStanding, agent } = prober;
  const state = stateOf(prober);
  const notes = [
    NOTES[state] ?? selfCheck?.reason ?? '',
    agent === null ? '' : `with agent ${agent}`,
    ...(configStanding === null || configStanding === 'inForce' ? [] : [`its file ${STANDING[configStanding]}`]),
  ];
  const told = state === 'votes' ? shareOf(prober, services) : state;
  return [`  ${prober.prober}`, prober.vantage, told, notes.filter((note) => note !== '').join('; ')];
}

function renderService(status: ServiceStatus, nowWallMs: number): string {
  const { record } = status;
  const named = record.addresses.join(', ');
  const answer = named === '' ? 'was not written yet' : `is ${named} (TTL ${record.ttlSeconds} s)`;
  const lines = [
    `Service ${status.service}: ${status.state.toUpperCase()}, ${headOf(status)}, ${record.name} ${answer}`,
  ];
  const rows = status.nodes.map((node) => [
    `  ${node.node}`,
    node.address,
    node.role,
    `quorum: ${node.quorum}`,
    ...(status.set === null
      ? [`record: ${CRUMBS[node.breadcrumb.kind]}, v${node.breadcrumb.version}`]
      : [shareOfNode(status.set, node.node)]),
    renderNodeNotes(node, nowWallMs),
  ]);
  lines.push(table(rows));
  if (status.voters !== null) lines.push(`  looked at by ${status.voters.join(', ')}`);
  for (const operation of [status.operation, status.tail]) {
    if (operation !== null) lines.push(...renderOperation(operation, nowWallMs).map((line) => `  ${line}`));
  }
  lines.push(...renderSecond(status));
  const blocked = [status.operation?.blocked, status.tail?.blocked].filter((refusal) => refusal != null);
  for (const refusal of [status.refusal, status.dnsProblem, status.second?.dnsProblem]) {
    if (refusal != null && !isAmong(blocked, refusal))
      lines.push(`  held by ${refusal.rule}: ${refusal.reason}`, `  remedy: ${refusal.remedy}`);
  }
  lines.push(...renderJobs(status).map((line) => `  ${line}`));
  if (status.laggards.length > 0) lines.push(`  degraded: no new answer from ${status.laggards.join(', ')}`);
  lines.push(...renderOverlays(status, nowWallMs).map((line) => `  ${line}`));
  return lines.join('\n');
}

/** Of a service with one provider there is nothing to tell apart. */
function renderSecond({ record, second }: ServiceStatus): readonly string[] {
  if (second === null) return [];
  const named = second.addresses.join(', ');
  const answer = named === '' ? 'was not written yet' : `is ${named} (TTL ${second.ttlSeconds} s)`;
  const standing = second.differs ? '; it is not what the first provider has' : '';
  return [`  at second provider ${second.provider} ${record.name} ${answer}${standing}`];
}

function headOf({ set, epoch, nodes }: ServiceStatus): string {
  if (set === null) return `epoch ${epoch}`;
  return `active-active, ${set.healthy.length} of ${nodes.length} healthy, at least ${set.minHealthy}`;
}

function shareOfNode({ answers }: SetStatus, node: string): string {
  const own = answers.find((answer) => answer.node === node);
  if (own === undefined) return 'not answered';
  const isEqual = answers.every(({ weight }) => weight === own.weight);
  return isEqual ? 'answered' : `answered, weight ${own.weight}`;
}

function renderOperation(operation: OperationStatus, nowWallMs: number): readonly string[] {
  const { title, phase, opId } = operation;
  const elapsed = formatDuration(Math.max(0, nowWallMs - operation.startedWallMs));
  const head = `${title} (${opId}), ${phase}; the operation runs for ${elapsed}`;
  if (operation.blocked === null) return [head, `waits for ${operation.waitsFor}`];
  const { rule, reason, remedy } = operation.blocked;
  return [head, `BLOCKED by ${rule}: ${reason}`, `remedy: ${remedy}`];
}
