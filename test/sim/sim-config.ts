// The clusters of the runs: three to seven probers of which the first three may be controllers, two to four nodes, a record in
// a zone with a foreign neighbour, and times short enough that half a minute holds several failovers.
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.ts';
import { formatProblems } from '../../src/config/format-problems.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { configInput } from '../support/config-input.ts';
import { drawFrom } from './draw.ts';
import { type SetRun, setServiceText } from './set/set-run.ts';

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
  /** How many of the probers look at the service; null: all of them. */
  readonly probersPerCheck?: number | null;
  /** The service is active-active; null: active-passive. */
  readonly set?: SetRun | null;
  /** The name is kept at a second provider too. */
  readonly hasSecond?: boolean;
};

/** Of a provider that serves the zone besides: its entry, and where its name server is asked. */
export const SECOND = { name: 'far', server: '192.0.2.253' } as const;
const SECOND_SHARE = 0.25;

/** From a draw of its own, so that all else in the run stays as it is. A set has its writes checked by another rule. */
export function drawSecond(seed: number, set: SetRun | null): boolean {
  return set === null && drawFrom(seed * 41 + 13).chance(SECOND_SHARE);
}

const parsed = new Map<string, Config>();

export function addressOf(node: string): string {
  return `192.0.2.${node.charCodeAt(0)}`;
}

/** Parsed once for each shape of cluster: reading text would cost more than a run. */
export function simConfig(probers: readonly string[], nodes: readonly string[], options: ConfigOptions): Config {
  const { restarts, hasLongSessions = false, probersPerCheck = null, set = null, hasSecond = false } = options;
  const shape = `${probers.join()} ${nodes.length} ${restarts} ${hasLongSessions} ${probersPerCheck} ${JSON.stringify(set)} ${hasSecond}`;
  const known = parsed.get(shape);
  if (known !== undefined) return known;
  const result = parseConfig(text(probers, nodes, options), configInput('oneup.yaml'));
  assert.ok(result.ok, result.ok ? '' : formatProblems(result.error));
  parsed.set(shape, result.value.config);
  return result.value.config;
}

function text(probers: readonly string[], nodes: readonly string[], options: ConfigOptions): string {
  const { hasLongSessions, probersPerCheck, set = null, hasSecond = false } = options;
  const vantages = ['east', 'west', 'south'];
  const seers = probers.map(
    (id, at) => `    - { id: ${id}, vantage: ${vantages[at % 3]}, address: 127.0.0.${at + 1} }`,
  );
  const spread = probersPerCheck == null ? '' : `, probersPerCheck: ${probersPerCheck}`;
  return `cluster:
  name: sim
  store: { kind: sqlite, path: var/oneup.db }
  quorum: { minVantages: 2${spread} }
  references: []
  probers:
${seers.join('\n')}
  timing: { sessionTtl: ${hasLongSessions ? 4 : 2}s, rho: ${RHO}, margin: 200ms, killTime: 200ms, startupGrace: 500ms, lostAfter: 1s, staleAfter: 2s }
dns:
  listen: 127.0.0.1:0
  patience: 2s
  zones: [{ name: ${ZONE}, ns: [${probers.slice(0, 3).join(', ')}], hostmaster: ops.example.com. }]
${hasSecond ? SECOND_TEXT : ''}services:
  web:
${set === null ? serviceText(nodes, options) : setServiceText(nodes, set)}`;
}

const SECOND_TEXT = `providers:
  ${SECOND.name}:
    kind: rfc2136
    zones: [${ZONE}]
    server: ${SECOND.server}:53
    servers: ["${SECOND.server}:53"]
    tsig: { name: key, algorithm: hmac-sha256, secret: "\${env:ONEUP_TEST_TSIG}" }
`;

function serviceText(nodes: readonly string[], options: ConfigOptions): string {
  const { restarts, hasLongSessions, hasSecond = false } = options;
  const second = hasSecond ? ` second: { provider: ${SECOND.name} },` : '';
  const places = nodes.map((id, at) => `      - { id: ${id}, address: ${addressOf(id)}, priority: ${at + 1} }`);
  return `    mode: active-passive
    standby: stopped
    record: { name: ${NAME},${second} ttl: { steady: 4s, suspect: 1s, settling: 1s } }
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
    sweep: { every: 1s }
    restart: { attempts: ${restarts ? 1 : 0} }
`;
}
