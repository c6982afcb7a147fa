// The configuration of the network tests, as people would write it for services that are started over ssh (S13), and the way in
// which it is read: as `oneup run` reads it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { err, ok } from '../../../src/base/result.ts';
import { configDigest } from '../../../src/config/config-digest.ts';
import { type LoadedConfig, localAddresses } from '../../../src/config/load.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import {
  CLUSTER,
  DNS_PORT,
  ETCD_PORT,
  HTTP_PORT,
  mainAddress,
  NODES,
  PROBERS,
  RECORD,
  REFERENCE_PORT,
  SERVICE,
} from './hosts.ts';
import { sshKeys } from './ssh-access.ts';

export const CONFIG_FILE = 'oneup.yaml';
export const TIMING = { sessionTtlMs: 3_000, marginMs: 200, killTimeMs: 500, cooldownMs: 2_000 } as const;

const CLIENT = fileURLToPath(new URL('./power-client-process.ts', import.meta.url));

/** `directory` is that of the whole test. */
export function configText(directory: string): string {
  const probers = PROBERS.map((id) => {
    const address = mainAddress(id);
    return `    - { id: ${id}, vantage: at-${id}, address: ${address}, listen: ["${address}:${DNS_PORT}"] }`;
  });
  const endpoints = PROBERS.map((id) => `"http://${mainAddress(id)}:${ETCD_PORT}"`).join(', ');
  const power = (word: string) => `{ command: ["${process.execPath}", "${CLIENT}", "${word}", "{node.id}"] }`;
  const script = `${directory}/node-{node.id}/act.sh`;
  const onNode = (word: string) => `{ ${sshKeys(directory)}, command: ["${script}", ${word}] }`;
  const { sessionTtlMs, marginMs, killTimeMs, cooldownMs } = TIMING;
  return `cluster:
  name: ${CLUSTER}
  store: { kind: etcd, endpoints: [${endpoints}], callTimeout: 900ms }
  references: ["tcp://${mainAddress('witness')}:${REFERENCE_PORT}"]
  probers:
${probers.join('\n')}
  timing: { sessionTtl: ${sessionTtlMs}ms, margin: ${marginMs}ms, killTime: ${killTimeMs}ms, startupGrace: 500ms, watchTimeout: 5s, lostAfter: 1s, staleAfter: 3s, reachGrace: 5s }
dns:
  zones: [{ name: ha.example.com., ns: [${PROBERS.join(', ')}], hostmaster: ops.example.com. }]
services:
  ${SERVICE}:
    record: { name: ${RECORD}, ttl: { steady: 1s, suspect: 1s, settling: 1s } }
    nodes:
${NODES.map((id) => `      - { id: ${id}, address: ${mainAddress(id)} }`).join('\n')}
    check: { http: "http://{address}:${HTTP_PORT}/", interval: 2s, timeout: 1900ms, fall: 2, rise: 2, recheck: 200ms, minDown: 500ms }
    actions:
      start: { ssh: ${onNode('start')}, timeout: 8s }
      stop: { ssh: ${onNode('stop')}, timeout: 5s }
      status: { ssh: ${onNode('status')}, timeout: 5s }
      fence:
        - exec: ${power('off')}
          timeout: 6s
          confirm: { exec: ${power('state')}, offStates: ["off"], timeout: 4s, interval: 300ms }
    failover: { automatic: true, cooldown: ${cooldownMs}ms, budget: { count: 1000, per: 24h }, failureThreshold: { count: 1000, per: 24h }, stableFor: 1h, verifyTimeout: 10s, contactTimeout: 3s }
`;
}

/** The configuration file of the directory in which a process was started. Throws with every problem. */
export function loadNetConfig(): LoadedConfig {
  const text = readFileSync(CONFIG_FILE, 'utf8');
  const parsed = parseConfig(text, {
    fileName: CONFIG_FILE,
    baseDir: process.cwd(),
    env: {},
    readFile: () => err('this configuration names no files'),
    localAddresses: localAddresses(),
  });
  const loaded = parsed.ok ? ok({ ...parsed.value, text, digest: configDigest(text) }) : parsed;
  if (!loaded.ok) throw new Error(`Cannot read the configuration: ${JSON.stringify(loaded.error)}`);
  return loaded.value;
}
