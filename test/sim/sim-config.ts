// The clusters of the runs: three to seven probers of which the first three may be controllers, two to four nodes, a record in
// a zone with a foreign neighbour, and times short enough that half a minute holds several failovers.
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.ts';
import { formatProblems } from '../../src/config/format-problems.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { configInput } from '../support/config-input.ts';

export const ZONE = 'ha.example.com.';
export const NAME = 'web.ha.example.com.';
/** The most that a clock's rate differs from true time in a run (S1). */
export const RHO = 0.05;
export const COOLDOWN_MS = 3_000;

export type ConfigOptions = {
  /** A failing active is restarted in place once before it is left. */
  readonly restarts: boolean;
  /** Longer than a controller waits for its scripts when it ends; and one automatic operation an hour. */
  readonly hasLongSessions?: boolean;
};

const parsed = new Map<string, Config>();

export function addressOf(node: string): string {
  return `192.0.2.${node.charCodeAt(0)}`;
}

/** Parsed once for each shape of cluster: reading text would cost more than a run. */
export function simConfig(probers: readonly string[], nodes: readonly string[], options: ConfigOptions): Config {
  const shape = `${probers.length} ${nodes.length} ${options.restarts} ${options.hasLongSessions === true}`;
  const known = parsed.get(shape);
  if (known !== undefined) return known;
  const result = parseConfig(text(probers, nodes, options), configInput('oneup.yaml'));
  assert.ok(result.ok, result.ok ? '' : formatProblems(result.error));
  parsed.set(shape, result.value.config);
  return result.value.config;
}

function text(
  probers: readonly string[],
  nodes: readonly string[],
  { restarts, hasLongSessions }: ConfigOptions,
): string {
  const vantages = ['east', 'west', 'south'];
  const seers = probers.map(
    (id, at) => `    - { id: ${id}, vantage: ${vantages[at % 3]}, address: 127.0.0.${at + 1} }`,
  );
  const places = nodes.map((id, at) => `      - { id: ${id}, address: ${addressOf(id)}, priority: ${at + 1} }`);
  return `cluster:
  name: sim
  store: { kind: sqlite, path: var/oneup.db }
  quorum: { minVantages: 2 }
  references: []
  probers:
${seers.join('\n')}
  timing: { sessionTtl: ${hasLongSessions ? 4 : 2}s, rho: ${RHO}, margin: 200ms, killTime: 200ms, startupGrace: 500ms, lostAfter: 1s, staleAfter: 2s }
dns:
  listen: 127.0.0.1:0
  zones: [{ name: ${ZONE}, ns: [${probers.slice(0, 3).join(', ')}], hostmaster: ops.example.com. }]
services:
  web:
    mode: active-passive
    standby: stopped
    record: { name: ${NAME}, ttl: { steady: 4s, suspect: 1s, settling: 1s } }
    nodes:
${places.join('\n')}
    check: { http: "http://{address}:8080/", interval: 1s, timeout: 300ms, fall: 2, rise: 1, recheck: 100ms, minDown: 100ms }
    actions:
      start: { exec: { command: [start] }, timeout: 3s }
      stop: { exec: { command: [stop] }, timeout: 2s }
      precheck: { exec: { command: [precheck] }, timeout: 1s }
      status: { exec: { command: [status] }, timeout: 1s }
      sync: { exec: { command: [sync] }, timeout: 1s }
      resync: { exec: { command: [resync] }, timeout: 1s }
      drain: { exec: { command: [drain] }, timeout: 1s }
      undrain: { exec: { command: [undrain] }, timeout: 1s }
      fence:
        - exec: { command: [off] }
          confirm: { exec: { command: [state] }, offStates: [off] }
        - exec: { command: [pull] }
          confirm: { exec: { command: [state] }, offStates: [off] }
    failover: { automatic: true, cooldown: ${COOLDOWN_MS}ms, budget: { count: ${hasLongSessions ? 1 : 3}, per: 1h }, verifyTimeout: 4s, contactTimeout: 1s, precheckMaxAge: 5s, stableFor: 5s }
    restart: { attempts: ${restarts ? 1 : 0} }
`;
}
