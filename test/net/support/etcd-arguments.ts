// How each prober's member of etcd is started: on the address of the prober, in one cluster with the other two.
import { ETCD_PEER_PORT, ETCD_PORT, mainAddress, PROBERS, type ProberName } from './hosts.ts';

/** What docs/stores.md asks for. */
const LIMITS = ['--max-txn-ops', '8192', '--max-request-bytes', '33554432'];

export function etcdArguments(prober: ProberName, dataFolder: string): readonly string[] {
  const client = `http://${mainAddress(prober)}:${ETCD_PORT}`;
  const cluster = PROBERS.map((name) => `${name}=${peerUrl(name)}`).join(',');
  return [
    ...['--name', prober, '--data-dir', dataFolder, '--logger', 'zap', '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peerUrl(prober), '--initial-advertise-peer-urls', peerUrl(prober)],
    ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
    ...LIMITS,
  ];
}

function peerUrl(prober: ProberName): string {
  return `http://${mainAddress(prober)}:${ETCD_PEER_PORT}`;
}
