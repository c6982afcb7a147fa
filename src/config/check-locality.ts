// Rules that depend on the machine: a sqlite store and commands of the controller reach no further than one host.
import { assertNever } from '../base/assert-never.ts';
import type { ActionConfig } from './action-config.ts';
import type { Config, ProberConfig } from './config.ts';
import type { ConfigFinding } from './config-problem.ts';
import { parseIpAddress } from './ip-address.ts';

/** Findings for a process on a machine with `localAddresses` (any spelling; loopback always counts as local). */
export function checkLocality(config: Config, localAddresses: readonly string[]): readonly ConfigFinding[] {
  const remote = remoteProbers(config, localAddresses);
  if (remote.length === 0) return [];
  return [
    ...storeIsLocal(config, remote),
    ...startIsAnswerable(
      config,
      remote.map(({ id }) => id),
    ),
  ];
}

/** Probers that are not on the machine with these addresses. */
export function remoteProbers({ cluster }: Config, localAddresses: readonly string[]): readonly ProberConfig[] {
  const local = new Set(localAddresses.map(canonical));
  const isLocal = (address: string) => local.has(address) || address.startsWith('127.') || address === '::1';
  return cluster.probers.filter(({ address }) => !isLocal(address));
}

/** S7: a file has no probers on other machines. */
function storeIsLocal({ cluster }: Config, remote: readonly ProberConfig[]): readonly ConfigFinding[] {
  if (cluster.store.kind !== 'sqlite') return [];
  return cluster.probers.flatMap((prober, index) => {
    if (!remote.includes(prober)) return [];
    const { id } = prober;
    const reason = `a sqlite store serves one machine, and prober ${id} is not on this one`;
    const remedy = 'Write an address of this machine for every prober';
    return [{ path: ['cluster', 'probers', index, 'address'], reason, remedy, rule: 'S7' }];
  });
}

/** S13: a start that only one host can be asked about is lost with that host. */
function startIsAnswerable({ services }: Config, remote: readonly string[]): readonly ConfigFinding[] {
  return services.flatMap(({ id, exclusive, failover, nodes }) => {
    const isLocal = nodes.some(({ actions }) => actions.start !== null && !isAskedFromAnywhere(actions.start));
    if (!exclusive || !failover.automatic || !isLocal) return [];
    const reason = `another prober could not ask what became of an exec start, ${remote.join(', ')} run elsewhere`;
    const remedy = 'Start it by ssh or http, run all probers on this machine, or write failover.automatic: false';
    return [{ path: ['services', id, 'actions', 'start'], reason, remedy, rule: 'S13' }];
  });
}

/** Whether the guard that remembers the action is on the node or behind a hook, where every prober finds it. */
function isAskedFromAnywhere({ driver }: ActionConfig): boolean {
  switch (driver) {
    case 'exec':
      return false;
    case 'ssh':
    case 'http':
    case 'agent':
      return true;
    default:
      return assertNever(driver);
  }
}

/** Without the zone id that interfaces add to link-local addresses. */
function canonical(address: string): string {
  const parsed = parseIpAddress(address.split('%')[0] ?? address);
  return parsed.ok ? parsed.value.text : address;
}
