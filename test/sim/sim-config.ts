// The cluster that every simulated run begins with: three probers that look and may be controllers, two or three nodes, a
// record in a zone with a foreign neighbour, and times short enough that a minute holds several failovers.
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.ts';
import { formatProblems } from '../../src/config/format-problems.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { configInput } from '../support/config-input.ts';

export const ZONE = 'ha.example.com.';
export const NAME = 'web.ha.example.com.';
export const SESSION_TTL_MS = 2_000;

export function addressOf(node: string): string {
  return `192.0.2.${node.charCodeAt(0)}`;
}

export function simConfig(nodes: readonly string[]): Config {
  const parsed = parseConfig(text(nodes), configInput('oneup.yaml'));
  assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
  return parsed.value.config;
}

function text(nodes: readonly string[]): string {
  const lines = nodes.map((id, place) => `      - { id: ${id}, address: ${addressOf(id)}, priority: ${place + 1} }`);
  return `cluster:
  name: sim
  store: { kind: sqlite, path: var/oneup.db }
  quorum: { minVantages: 2 }
  references: []
  probers:
    - { id: p1, vantage: east, address: 127.0.0.1 }
    - { id: p2, vantage: west, address: 127.0.0.2 }
    - { id: p3, vantage: south, address: 127.0.0.3 }
  timing: { sessionTtl: 2s, margin: 200ms, killTime: 200ms, startupGrace: 500ms, lostAfter: 1s, staleAfter: 2s }
dns:
  listen: 127.0.0.1:0
  zones: [{ name: ${ZONE}, ns: [p1, p2, p3], hostmaster: ops.example.com. }]
services:
  web:
    mode: active-passive
    standby: stopped
    record: { name: ${NAME}, ttl: { steady: 4s, suspect: 2s, settling: 2s } }
    nodes:
${lines.join('\n')}
    check: { http: "http://{address}:8080/", interval: 400ms, timeout: 200ms, fall: 2, rise: 1, recheck: 100ms, minDown: 100ms }
    actions:
      start: { exec: { command: [start] }, timeout: 3s }
      stop: { exec: { command: [stop] }, timeout: 2s }
      precheck: { exec: { command: [precheck] }, timeout: 1s }
      status: { exec: { command: [status] }, timeout: 1s }
      resync: { exec: { command: [resync] }, timeout: 1s }
      fence:
        - exec: { command: [off] }
          confirm: { exec: { command: [state] }, offStates: [off] }
    failover: { automatic: true, cooldown: 2s, budget: { count: 100, per: 1h }, verifyTimeout: 4s, contactTimeout: 1s, precheckMaxAge: 5s, stableFor: 5s }
    failback: manual
`;
}
