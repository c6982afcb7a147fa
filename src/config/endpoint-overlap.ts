// Whether two listeners of the cluster would want the same address and port of the same machine.
import type { ClusterConfig, Endpoint, ProberConfig } from './config.ts';

/** Probers with one address share a machine, and with sqlite all of them do (S7). */
export function mayShareMachine({ store }: ClusterConfig, a: ProberConfig, b: ProberConfig): boolean {
  const isLoopback = ({ address }: ProberConfig) => address.startsWith('127.') || address === '::1';
  return store.kind === 'sqlite' || a.address === b.address || (isLoopback(a) && isLoopback(b));
}

export function sharesEndpoint(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  return a.some((one) => b.some((other) => overlaps(one, other)));
}

/** Port 0 is any free port and never clashes; a wildcard address takes the port on every address of its family. */
function overlaps(a: Endpoint, b: Endpoint): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  const isWildcard = [a, b].some(({ host }) => host === '0.0.0.0' || host === '::');
  return a.host === b.host || (isWildcard && a.host.includes(':') === b.host.includes(':'));
}
