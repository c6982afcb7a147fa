// What the failover benchmark runs: sizes, timings and scripts, so that a figure can be repeated.
import { ENGINE_KINDS, type EngineKind } from '../../test/support/servers/engines.ts';

export type Fault = 'SIGKILL' | 'SIGSTOP';

export type Settings = {
  readonly runs: number;
  readonly isThroughCache: boolean;
  /** The service is run by agents. */
  readonly hasAgents: boolean;
  /** Steady TTLs measured behind a cache, in seconds. */
  readonly cacheTtls: readonly number[];
  /** Engine that is measured beside sqlite, run by run, or null. */
  readonly store: EngineKind | null;
};

export const PROBERS = ['p1', 'p2', 'p3'] as const;

/** `--runs N`, `--through-cache`, `--agent` and `--store KIND`; anything else is refused. */
export function readSettings(argv: readonly string[]): Settings {
  const settings: { -readonly [Key in keyof Settings]: Settings[Key] } = {
    runs: 20,
    isThroughCache: false,
    hasAgents: false,
    cacheTtls: [30, 5],
    store: null,
  };
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index];
    if (word === '--through-cache') settings.isThroughCache = true;
    else if (word === '--agent') settings.hasAgents = true;
    else if (word === '--runs') {
      index += 1;
      settings.runs = Number(argv[index]);
    } else if (word === '--store') {
      index += 1;
      settings.store = readEngine(argv[index] ?? '');
    } else {
      const known = '--runs N, --through-cache, --agent or --store KIND';
      throw new RangeError(`Cannot read benchmark options: expected ${known}, value was ${word}`);
    }
  }
  if (!Number.isSafeInteger(settings.runs) || settings.runs < 1) {
    throw new RangeError(`Cannot read --runs: expected a whole number from 1, value was ${settings.runs}`);
  }
  return settings;
}

function readEngine(text: string): EngineKind {
  const kind = ENGINE_KINDS.find((known) => known === text);
  if (kind === undefined) {
    throw new RangeError(`Cannot read --store: expected one of ${ENGINE_KINDS.join(', ')}, value was ${text}`);
  }
  return kind;
}

/** What stands behind `cluster.store:` without an engine. */
export const SQLITE = '{ kind: sqlite, path: var/oneup.db }';

export type ConfigInput = {
  readonly store: string;
  readonly httpPort: number;
  readonly dnsPorts: readonly number[];
  /** Seconds. */
  readonly steadyTtl: number;
};

/**
 * Interval 1 s, timeout 0.5 s, fall 2, rise 2, recheck 100 ms, minDown 200 ms. The servers of both nodes listen already and
 * answer 200 only while they hold a grant; the start script is a no-op that takes it.
 */
export function configText({ store, httpPort, dnsPorts, steadyTtl }: ConfigInput): string {
  const probers = PROBERS.map(
    (id, index) => `    - { id: ${id}, vantage: ${id}, address: 127.0.0.1, listen: ["127.0.0.1:${dnsPorts[index]}"] }`,
  );
  return `cluster:
  name: bench
  store: ${store}
  references: []
  probers:
${probers.join('\n')}
  timing: { sessionTtl: 5s, margin: 500ms, startupGrace: 500ms }
dns:
  zones: [{ name: ha.example.com., ns: [p1, p2, p3], hostmaster: ops.example.com. }]
services:
  web:
    mode: active-passive
    record: { name: web.ha.example.com., provider: builtin, ttl: { steady: ${steadyTtl}s, suspect: ${Math.min(5, steadyTtl)}s, settling: ${Math.min(5, steadyTtl)}s } }
    nodes:
      - { id: a, address: 127.0.0.41, priority: 1 }
      - { id: b, address: 127.0.0.42, priority: 2 }
    check: { http: "http://{address}:${httpPort}/", interval: 1s, timeout: 500ms, fall: 2, rise: 2, recheck: 100ms, minDown: 200ms }
    actions:
      start: { exec: { command: [./take-grant.sh] }, timeout: 10s }
      stop: { exec: { command: [./drop-grant.sh] }, timeout: 5s }
      fence:
        - exec: { command: [./drop-grant.sh] }
          confirm: { exec: { command: [./is-off.sh] }, offStates: ["off"] }
    failover: { automatic: true, cooldown: 0s, budget: { count: 1000, per: 24h }, failureThreshold: { count: 1000, per: 24h }, stableFor: 1s }
    failback: manual
`;
}

export const NODES = [
  { id: 'a', address: '127.0.0.41' },
  { id: 'b', address: '127.0.0.42' },
] as const;

export const SCRIPTS: Readonly<Record<string, string>> = {
  'take-grant.sh': '#!/bin/sh\n: > "grant-$ONEUP_NODE"\n',
  // Without its grant a server answers 503, also when it wakes up again after it was frozen.
  'drop-grant.sh': '#!/bin/sh\nrm -f "grant-$ONEUP_NODE"\n',
  'is-off.sh': '#!/bin/sh\nif [ -e "grant-$ONEUP_NODE" ]; then echo on; else echo off; fi\n',
};
