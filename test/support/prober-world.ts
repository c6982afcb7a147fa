// Three real probers in one process on a fake clock and the memory store: nodes answer as the test says, and every look is
// noted with its time.
import { storeKeys } from '../../src/base/store-keys.ts';
import type { CheckTarget, Config } from '../../src/config/config.ts';
import { type Observation, parseObservation } from '../../src/health/observation.ts';
import type { ProbeResult } from '../../src/health/probe-result.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { Store } from '../../src/ports/store.ts';
import { type Prober, startProber } from '../../src/prober/prober.ts';
import type { ProberDeps } from '../../src/prober/prober-deps.ts';
import { MemoryStoreWorld } from '../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { acceptedConfig } from './config-text.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export const PASS: ProbeResult = { kind: 'pass', phases: {}, detail: 'status 200' };
export const REFUSED: ProbeResult = { kind: 'fail', phases: {}, phase: 'connect', reason: 'refused', reach: 'reached' };

/** A reference that does not answer takes its time to say so. */
const SILENCE_MS = 1_500;

export type Look = { readonly prober: string; readonly node: string; readonly atMonoMs: number };

export type ProberWorld = AsyncDisposable & {
  readonly clock: FakeClock;
  readonly config: Config;
  readonly store: Store;
  readonly keys: ReturnType<typeof storeKeys>;
  readonly looks: Look[];
  readonly probers: ReadonlyMap<string, Prober>;
  /** What each node answers, and what one prober sees instead. */
  readonly answers: Map<string, ProbeResult>;
  readonly seenBy: Map<string, ProbeResult>;
  /** Probers whose references are silent. */
  readonly cutOff: Set<string>;
  /** How long each look of a prober takes, in milliseconds. */
  readonly slow: Map<string, number>;
  readonly observation: (node: string, prober: string) => Promise<Observation | null>;
  readonly end: (prober: string) => void;
};

export const SILENT: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => SILENT,
};

const CONFIG = `
cluster:
  name: test
  store: { kind: sqlite, path: var/test.db }
  references: REFERENCES
  probers:
    - { id: p1, vantage: one, address: 127.0.0.1, listen: ["127.0.0.1:5301"] }
    - { id: p2, vantage: two, address: 127.0.0.1, listen: ["127.0.0.1:5302"] }
    - { id: p3, vantage: three, address: 127.0.0.1, listen: ["127.0.0.1:5303"] }
  timing: { sessionTtl: 2s, margin: 100ms }
dns:
  zones: [{ name: ha.example.com., ns: [p1, p2, p3], hostmaster: ops.example.com. }]
services:
  web:
    mode: active-passive
    record: { name: web.ha.example.com., provider: builtin }
    nodes:
      - { id: a, address: 192.0.2.1, priority: 1 }
      - { id: b, address: 192.0.2.2, priority: 2 }
    check: { tcp: "{node.id}.example.com:80", interval: 1s, timeout: 500ms, fall: 2, rise: 2, recheck: 100ms, minDown: 200ms }
    actions:
      start: { exec: { command: ["true"] } }
      stop: { exec: { command: ["true"] } }
      fence: [{ exec: { command: ["true"] }, confirmedByExit: true }]
`;

/** The configuration of these worlds, changed in one place or more. */
export function testConfig(...changes: readonly (readonly [from: string, to: string])[]): Config {
  return acceptedConfig(testConfigText(...changes), { localAddresses: ['127.0.0.1'] });
}

/** Its text, as it stands in a file or in the record. */
export function testConfigText(...changes: readonly (readonly [from: string, to: string])[]): string {
  let text = CONFIG.replace('REFERENCES', '[]');
  for (const [from, to] of changes) text = text.replace(from, () => to);
  return text;
}

/** A fourth prober, which three of them leave without anything to look at. */
export const THREE_OF_FOUR = [
  [
    '  timing:',
    '    - { id: p4, vantage: three, address: 127.0.0.1, listen: ["127.0.0.1:5304"] }\n  quorum: { probersPerCheck: 3 }\n  timing:',
  ],
] as const;

export type ProberWorldOptions = {
  readonly references?: boolean;
  /** Probers that cannot load the configuration in force. */
  readonly unloadable?: readonly string[];
  /** As for `testConfig`. */
  readonly changes?: readonly (readonly [from: string, to: string])[];
};

export async function openProberWorld(options: ProberWorldOptions = {}): Promise<ProberWorld> {
  const references = options.references === true ? '["tcp://192.0.2.53:53"]' : '[]';
  const config = testConfig(['references: []', `references: ${references}`], ...(options.changes ?? []));
  const keys = storeKeys('test');
  const clock = createFakeClock();
  const memory = new MemoryStoreWorld();
  const bounds = { rho: config.cluster.timing.rho, marginMs: config.cluster.timing.marginMs };
  const connect = () => memory.connect({ clock, bounds });
  const store = connect();
  const answers = new Map([
    ['a', PASS],
    ['b', REFUSED],
  ]);
  const [looks, seenBy, cutOff]: [Look[], Map<string, ProbeResult>, Set<string>] = [[], new Map(), new Set()];
  const slow = new Map<string, number>();
  const probers = new Map<string, Prober>();
  const ends = new Map<string, AbortController>();
  for (const { id } of config.cluster.probers) {
    const end = new AbortController();
    ends.set(id, end);
    const own = connect();
    const view = startStoreMirror({
      store: own,
      root: keys.root,
      clock,
      logger: SILENT,
      watchTimeoutMs: 30_000,
      signal: end.signal,
    });
    let sessions = 0;
    const deps: ProberDeps = {
      id,
      version: 'test',
      config,
      keys,
      store: own,
      view,
      clock,
      logger: SILENT,
      signal: end.signal,
      uniqueId: () => `${id}-${++sessions}`,
      runCheck: async (target) => {
        const node = nodeOf(target);
        looks.push({ prober: id, node, atMonoMs: clock.monotonicMs() });
        const tookMs = slow.get(id) ?? 0;
        if (tookMs > 0) await clock.sleep(tookMs, { signal: new AbortController().signal });
        return { result: seenBy.get(`${id}/${node}`) ?? answers.get(node) ?? REFUSED, lingering: null };
      },
      probeReference: async () => {
        if (cutOff.has(id)) await clock.sleep(SILENCE_MS, { signal: new AbortController().signal });
        return { result: cutOff.has(id) ? REFUSED : PASS, lingering: null };
      },
    };
    const configStanding = options.unloadable?.includes(id) === true ? 'unloadable' : 'inForce';
    probers.set(id, startProber(deps, { digest: 'd', pid: 1, configStanding }));
  }
  return {
    clock,
    config,
    store,
    keys,
    looks,
    probers,
    answers,
    seenBy,
    cutOff,
    slow,
    observation: async (node, prober) => {
      const entry = await store.get(keys.observation('web', node, prober));
      const parsed = entry === null ? null : parseObservation(entry.value);
      return parsed?.ok === true ? parsed.value : null;
    },
    end: (prober) => ends.get(prober)?.abort(new Error('the test ends it')),
    [Symbol.asyncDispose]: async () => {
      for (const end of ends.values()) end.abort(new Error('the test is over'));
      await clock.advance(100);
    },
  };
}

function nodeOf(target: CheckTarget): string {
  return target.kind === 'tcp' ? (target.host.split('.')[0] ?? '') : '';
}

/** Writes what the prober learns of a service: which node is active, and which operation is in which phase. */
export async function setService(
  world: ProberWorld,
  service: { readonly active: string | null },
  op: { readonly opId: string; readonly phase: string; readonly to: string; readonly epoch: number } | null = null,
): Promise<void> {
  const { store, keys } = world;
  const writes = [
    { kind: 'put', key: keys.service('web'), value: JSON.stringify(service) } as const,
    op === null
      ? ({ kind: 'delete', key: keys.operation('web') } as const)
      : ({ kind: 'put', key: keys.operation('web'), value: JSON.stringify(op) } as const),
  ];
  await store.commit({ guards: [], writes, token: `set-${world.clock.monotonicMs()}-${op?.phase ?? 'none'}` });
}
