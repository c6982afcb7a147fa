// What happens when the host of an active node is cut off from everybody, as far as the configuration decides it: who proves
// that the node is down (S17, S18, S20), and how long that takes. Pure.
import { basename } from 'node:path/posix';
import { waitForPeriodMs } from '../../base/clock-bounds.ts';
import { formatDuration } from '../../base/duration.ts';
import type { ActionConfig, Config, NodeConfig, ServiceConfig } from '../../config/config.ts';
import { outageInput } from '../../controller/read-plan.ts';
import { type OutageEstimate, outageEstimate } from '../../plan/outage-estimate.ts';
import type { Facts } from './facts.ts';

export type CutOff = {
  readonly service: string;
  /** Nodes of which the same is true. */
  readonly nodes: readonly string[];
  /** One of them is the active by the store. */
  readonly hasActive: boolean;
  readonly says: string;
  /** Longest time from the fault to the new answer of DNS, and to the last client; null while a person is waited for. */
  readonly atMostMs: { readonly answer: number; readonly clients: number } | null;
  /** The terms of `plan`, in order; empty while a person is waited for. */
  readonly terms: readonly string[];
  /** An automatic service that nobody can move without a person. */
  readonly isStuck: boolean;
};

/** One entry for nodes that are alike. `facts` is null where the store could not be asked. */
export function ifCutOff(config: Config, service: ServiceConfig, facts: Facts | null): readonly CutOff[] {
  const active = facts?.active[service.id] ?? null;
  const all = service.nodes
    .filter(({ priority, id }) => priority > 0 || id === active)
    .map((node) => ofNode(config, service, { node, isActive: node.id === active, facts }));
  const alike = Map.groupBy(all, ({ says, terms }) => `${says}\n${terms.join()}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const hasActive = group.some((one) => one.hasActive);
    return [{ ...first, hasActive, nodes: group.flatMap(({ nodes }) => nodes) }];
  });
}

type Asked = { readonly node: NodeConfig; readonly isActive: boolean; readonly facts: Facts | null };

function ofNode(config: Config, service: ServiceConfig, { node, isActive, facts }: Asked): CutOff {
  const about = { service: service.id, nodes: [node.id], hasActive: isActive };
  if (service.activeActive !== null) {
    const says = 'it leaves the answer and the other nodes go on (active-active)';
    return { ...about, says, ...times(estimate(config, service, { node, leaseMs: null })), isStuck: false };
  }
  const own = ownHosts(service, node);
  const ladder = node.actions.fence.map((level, index) => describeLevel(level, { node, own, number: index + 1 }));
  const lease = service.exclusive ? describeLease(config, node, facts?.agents[`${service.id}/${node.id}`]) : null;
  const outside = ladder.filter(({ isOutside }) => isOutside);
  const { automatic } = service.failover;
  if (service.exclusive && outside.length === 0 && lease === null) {
    const tried = ladder.length === 0 ? '' : `${listLevels(ladder)} first, in vain; `;
    const says = `${tried}BLOCKED: nobody can prove that the node is down; a person decides with confirm-down`;
    return { ...about, says, atMostMs: null, terms: [], isStuck: automatic };
  }
  const steps = [
    ...(service.exclusive && ladder.length > 0 ? [listLevels(ladder)] : []),
    ...(lease === null ? [] : [lease.text]),
  ];
  const proof = service.exclusive ? steps.join('; beside it ') : 'nothing has to be proven (exclusive: false)';
  const says = automatic ? proof : `a person moves it (failover.automatic: false); ${proof}`;
  const proofMs = lease?.waitMs ?? null;
  return { ...about, says, ...times(estimate(config, service, { node, leaseMs: proofMs })), isStuck: false };
}

type Level = { readonly text: string; readonly isOutside: boolean };

/** What goes through the node itself hears nothing once its host is cut off, so it proves nothing then. */
function describeLevel(
  { act, confirm }: NodeConfig['actions']['fence'][number],
  { node, own, number }: { readonly node: NodeConfig; readonly own: ReadonlySet<string>; readonly number: number },
): Level {
  const hosts = [act, ...(confirm === null ? [] : [confirm.query])].map((action) => hostOf(action, node));
  const isOutside = !hosts.some((host) => host !== null && own.has(host));
  const through = isOutside ? '' : ', through the node itself';
  return { text: `level ${number} (${nameOf(act)}${through})`, isOutside };
}

function listLevels(ladder: readonly Level[]): string {
  return `fence ${ladder.map(({ text }) => text).join(' then ')}`;
}

/** Null for what runs here, wherever that may reach. */
function hostOf(action: ActionConfig, node: NodeConfig): string | null {
  switch (action.driver) {
    case 'exec':
      return null;
    case 'agent':
      return node.address;
    case 'ssh':
      return action.target.host;
    case 'http':
      return new URL(action.url).hostname.replace(/^\[|\]$/g, '');
  }
}

/** The node by its address, and by the name under which it alone is started and stopped; a host that serves several is none. */
function ownHosts({ nodes }: ServiceConfig, node: NodeConfig): ReadonlySet<string> {
  const usedBy = (one: NodeConfig) =>
    [one.actions.start, one.actions.stop, one.actions.status].flatMap((action) => {
      const host = action === null ? null : hostOf(action, one);
      return host === null ? [] : [host];
    });
  const shared = new Set(nodes.filter(({ id }) => id !== node.id).flatMap(usedBy));
  return new Set([node.address, ...usedBy(node).filter((host) => !shared.has(host))]);
}

function nameOf(action: ActionConfig): string {
  switch (action.driver) {
    case 'exec':
    case 'ssh':
      return `${action.driver} ${basename(action.command.argv[0] ?? '')}`;
    case 'http':
      return `hook ${new URL(action.url).host}`;
    case 'agent':
      return 'agent';
  }
}

/** Null where the lease proves nothing: not allowed to, or an agent that is there says that nobody enforces it (S16). */
function describeLease(
  { cluster }: Config,
  { agent, leaseProof }: NodeConfig,
  enforced: Facts['agents'][string] | undefined,
): { readonly text: string; readonly waitMs: number } | null {
  if (agent === null || !leaseProof || enforced === 'none') return null;
  const { rho, marginMs } = cluster.timing;
  const waitMs = waitForPeriodMs(agent.lease.periodMs, { rho, marginMs });
  const by = enforced === undefined ? 'if its agent is connected and enforces it' : `enforced by ${enforced}`;
  return { text: `lease wait of ${formatDuration(waitMs)} (${by})`, waitMs };
}

/** A silent host is given up after the time for contact, whatever its stop action might have taken (P2). */
function estimate(
  config: Config,
  service: ServiceConfig,
  { node, leaseMs }: { readonly node: NodeConfig; readonly leaseMs: number | null },
): OutageEstimate {
  const ladder = node.actions.fence.map(({ act }) => act.timeoutMs);
  const input = outageInput(config, service, []);
  // The lease runs beside stop and ladder from the same moment, and its end is certain.
  return leaseMs === null
    ? outageEstimate({ ...input, stopTimeoutMs: input.stopTimeoutMs === null ? null : 0, fenceTimeoutsMs: ladder })
    : outageEstimate({ ...input, stopTimeoutMs: null, fenceTimeoutsMs: [leaseMs] });
}

function times({ terms, worstMs }: OutageEstimate): Pick<CutOff, 'atMostMs' | 'terms'> {
  const ttlMs = terms.find(({ name }) => name === 'ttl')?.worstMs ?? 0;
  const shown = terms
    .filter(({ worstMs: ms }) => ms > 0)
    .map(({ name, worstMs: ms }) => `${LABELS[name]} ${formatDuration(ms)}`);
  return { atMostMs: { answer: worstMs - ttlMs, clients: worstMs }, terms: shown };
}

const LABELS: Readonly<Record<OutageEstimate['terms'][number]['name'], string>> = {
  detection: 'detection',
  stop: 'contact',
  fence: 'proof',
  start: 'start',
  verify: 'verify',
  dns: 'dns',
  ttl: 'ttl',
};
