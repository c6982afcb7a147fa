// The configurations of a world with agents: of the cluster, and of the agent of each node.
import {
  CLUSTER,
  DNS_PORT,
  ETCD_PORT,
  HTTP_PORT,
  mainAddress,
  NODES,
  type NodeName,
  PROBERS,
  RECORD,
  REFERENCE_PORT,
  SERVICE,
} from './hosts.ts';

const API_PORT = 17_800;
const LEASE_MS = 4_000;
const STOP_MS = 500;
const MARGIN_MS = 200;

/** `instance`: the words of the program, to which its address, node and epoch are added. */
export function agentConfigText(instance: readonly string[]): string {
  const probers = PROBERS.map((id) => {
    const address = mainAddress(id);
    return `    - { id: ${id}, vantage: at-${id}, address: ${address}, listen: ["${address}:${DNS_PORT}"], api: { listen: ["${address}:${API_PORT}"] } }`;
  });
  const endpoints = PROBERS.map((id) => `"http://${mainAddress(id)}:${ETCD_PORT}"`).join(', ');
  const words = [...instance, '{address}', '{node.id}', '0'].map((word) => JSON.stringify(word)).join(', ');
  return `cluster:
  name: ${CLUSTER}
  store: { kind: etcd, endpoints: [${endpoints}], callTimeout: 900ms }
  references: ["tcp://${mainAddress('witness')}:${REFERENCE_PORT}"]
  api: { tls: { cert: "\${file:./cert.pem}", key: "\${file:./key.pem}" } }
  probers:
${probers.join('\n')}
  timing: { sessionTtl: 3s, margin: ${MARGIN_MS}ms, killTime: 500ms, startupGrace: 500ms, watchTimeout: 5s, lostAfter: 1s, staleAfter: 3s }
dns:
  zones: [{ name: ha.example.com., ns: [${PROBERS.join(', ')}], hostmaster: ops.example.com. }]
services:
  ${SERVICE}:
    record: { name: ${RECORD}, ttl: { steady: 1s, suspect: 1s, settling: 1s } }
    nodes:
${NODES.map((id) => `      - { id: ${id}, address: ${mainAddress(id)} }`).join('\n')}
    check: { http: "http://{address}:${HTTP_PORT}/", interval: 2s, timeout: 1900ms, fall: 2, rise: 2, recheck: 200ms, minDown: 500ms }
    agent: { run: [${words}], lease: ${LEASE_MS}ms, stopTimeout: ${STOP_MS}ms }
    failover: { automatic: true, cooldown: 1s, budget: { count: 1000, per: 24h }, failureThreshold: { count: 1000, per: 24h }, stableFor: 1h, verifyTimeout: 10s, contactTimeout: 2s }
`;
}

export function agentFileText(node: NodeName, { token, ca }: { readonly token: string; readonly ca: string }): string {
  const probers = PROBERS.map((id) => `"https://${mainAddress(id)}:${API_PORT}"`).join(', ');
  return `cluster: ${CLUSTER}\nagent: ${node}\nprobers: [${probers}]\nca: "\${file:${ca}}"\ntoken: ${token}\nstateDir: state\n`;
}
