// The machines of the network tests: which there are, where they stand on the two networks, and where they listen.

export const PROBERS = ['p1', 'p2', 'p3'] as const;
export type ProberName = (typeof PROBERS)[number];
export const NODES = ['a', 'b'] as const;
export type NodeName = (typeof NODES)[number];
/** `witness` watches who is active; `power` is the fence device, which stands on the second network alone. */
export type HostName = ProberName | NodeName | 'witness' | 'power';

export const HOSTS: readonly HostName[] = [...PROBERS, ...NODES, 'witness', 'power'];

/** The network over which checks, the store and actions travel. */
export const MAIN_ADDRESSES: Readonly<Partial<Record<HostName, string>>> = {
  p1: '10.77.0.1',
  p2: '10.77.0.2',
  p3: '10.77.0.3',
  a: '10.77.0.21',
  b: '10.77.0.22',
  witness: '10.77.0.31',
};

/** The link of the fence device: only probers reach it. */
export const FENCE_ADDRESSES: Readonly<Partial<Record<HostName, string>>> = {
  p1: '10.78.0.1',
  p2: '10.78.0.2',
  p3: '10.78.0.3',
  power: '10.78.0.31',
};

export const LINKS = { main: MAIN_ADDRESSES, fence: FENCE_ADDRESSES } as const;
export type LinkName = keyof typeof LINKS;
export const LINK_NAMES = ['main', 'fence'] as const;

export function mainAddress(host: HostName): string {
  const address = MAIN_ADDRESSES[host];
  if (address === undefined) throw new RangeError(`Cannot find ${host} on the main network`);
  return address;
}

export const HTTP_PORT = 18_081;
export const TOKEN_PORT = 18_082;
/** Outside the cluster: what probers compare themselves with (S22). */
export const REFERENCE_PORT = 18_083;
export const POWER_PORT = 18_084;
export const SSH_PORT = 2_222;
export const DNS_PORT = 15_353;
export const ETCD_PORT = 2_379;
export const ETCD_PEER_PORT = 2_380;

export const CLUSTER = 'net';
export const SERVICE = 'web';
export const RECORD = 'web.ha.example.com.';
