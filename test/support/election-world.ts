// An election on a real store: some candidates, and a record of who might act when. Whatever a story does to them, no two may
// ever act at once, and each term that is acted in is above the one before.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitForPeriodMs } from '../../src/base/clock-bounds.ts';
import { storeKeys } from '../../src/base/store-keys.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { Tenure } from '../../src/controller/controller-deps.ts';
import { parseTerm } from '../../src/controller/term-record.ts';
import type { Store } from '../../src/ports/store.ts';
import type { RemoteBackend } from '../../src/store/remote-backend.ts';
import { RemoteStore } from '../../src/store/remote-store.ts';
import { acceptedConfig, configText } from './config-text.ts';
import { type Candidate, createCandidate } from './election-candidate.ts';
import type { ElectionEngine } from './election-engine.ts';
import { put } from './store-calls.ts';

/** For stories in which somebody loses its place; longer where the store is found to be slow. */
export const SHORT = { sessionTtlMs: 1_500, callTimeoutMs: 400, stretchMax: 4 } as const;
/** For stories in which nobody may: a busy machine must not be taken for a lost session. */
export const LONG = { sessionTtlMs: 15_000, callTimeoutMs: 4_000, stretchMax: 1 } as const;

/** So long may nothing happen, however busy the machine is. */
const WITHIN_MS = 60_000;
/** A commit that takes longer than this shows a busy machine. */
const QUICK_MS = 60;
const PUTS = 5;
const SAMPLE_MS = 5;
const BOUNDS = { rho: 0.01, marginMs: 100 };
const KILL_TIME_MS = 100;

export type Timing = { readonly sessionTtlMs: number; readonly callTimeoutMs: number; readonly stretchMax: number };

/** From the first to the last moment at which a candidate was seen to be allowed to act in one term. */
export type Act = { readonly id: string; readonly term: number; readonly fromMs: number; toMs: number };

export type Acting = { readonly candidate: Candidate; readonly tenure: Tenure };

export type Election = {
  readonly candidates: readonly Candidate[];
  /** In the order in which they began. */
  readonly acts: readonly Act[];
  /** How long a new term waits after a predecessor that did not resign (S9). */
  readonly waitMs: number;
  /** Waits until somebody acts who satisfies the condition. */
  readonly actor: (what: string, holds?: (acting: Acting) => boolean) => Promise<Acting>;
  readonly until: (what: string, holds: () => boolean | Promise<boolean>) => Promise<void>;
  /** Ids of the sessions in the store: of whoever is controller, and of nobody else for long. */
  readonly sessions: () => Promise<readonly string[]>;
  /** Ends a session in the store as another prober would that found it expired. */
  readonly removeSession: (id: string) => Promise<void>;
};

type Setting = Timing & {
  /** How many [3]. */
  readonly candidates?: number;
  /** Whether they stand for election from the beginning [true]. */
  readonly areFit?: boolean;
};

/** Runs a story with its candidates started; afterwards holds what was recorded against the two promises. */
export async function withElection(
  engine: ElectionEngine,
  { candidates: count = 3, areFit = true, ...wanted }: Setting,
  story: (election: Election) => Promise<void>,
): Promise<void> {
  using clock = createSystemClock();
  await using stack = new AsyncDisposableStack();
  const cluster = `e${randomUUID().slice(0, 8)}`;
  const entry = { cluster, ports: engine.ports, clock, callTimeoutMs: 10_000 };
  const backend = await engine.open({ ...entry, create: true });
  const store = stack.use(new RemoteStore(backend, { clock, bounds: BOUNDS, callTimeoutMs: entry.callTimeoutMs }));
  const keys = storeKeys(cluster);
  const timing = await stretched(store, keys.meta, wanted);
  const config = electionConfig(cluster, timing);
  const candidates: Candidate[] = [];
  const record = new ActRecord(candidates);
  for (let at = 1; at <= count; at++) {
    const options = { id: `p${at}`, engine, config, clock, callTimeoutMs: timing.callTimeoutMs };
    candidates.push(stack.use(await createCandidate({ ...options, onAct: () => record.sample() })));
  }
  stack.defer(() => record.stop());
  for (const candidate of candidates) {
    candidate.setFit(areFit);
    candidate.start();
  }
  await story(createElection({ candidates, record, backend, config }));
  record.sample();
  record.verify();
  const { term } = parseTerm((await store.get(keys.term))?.value);
  assert.ok(term >= (record.acts.at(-1)?.term ?? 0), `the store knows term ${term} alone`);
}

/** Writes the first record, and the slower that is, the longer the times: slowness must not be taken for a failure. */
async function stretched(store: Store, key: string, timing: Timing): Promise<Timing> {
  let slowestMs = 0;
  for (let count = 0; count < PUTS; count++) {
    const beganMs = performance.now();
    await put(store, key, '{}');
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
  }
  const by = Math.min(timing.stretchMax, Math.max(1, slowestMs / QUICK_MS));
  const { sessionTtlMs, callTimeoutMs } = timing;
  return { ...timing, sessionTtlMs: Math.round(sessionTtlMs * by), callTimeoutMs: Math.round(callTimeoutMs * by) };
}

function electionConfig(name: string, { sessionTtlMs }: Timing): Config {
  const config = acceptedConfig(configText());
  const timing = { ...config.cluster.timing, ...BOUNDS, sessionTtlMs, killTimeMs: KILL_TIME_MS };
  return { ...config, cluster: { ...config.cluster, name, timing } };
}

type Parts = {
  readonly candidates: readonly Candidate[];
  readonly record: ActRecord;
  readonly backend: RemoteBackend;
  readonly config: Config;
};

function createElection({ candidates, record, backend, config }: Parts): Election {
  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = performance.now() + WITHIN_MS; performance.now() < end; await sleep(SAMPLE_MS)) {
      if (await holds()) return;
    }
    assert.fail(`not within ${WITHIN_MS} ms: ${what}; acts were ${JSON.stringify(record.acts)}`);
  }
  return {
    candidates,
    acts: record.acts,
    waitMs: waitForPeriodMs(config.cluster.timing.sessionTtlMs, BOUNDS) + KILL_TIME_MS,
    until,
    actor: async (what, holds = () => true) => {
      let found: Acting | undefined;
      await until(what, () => {
        found = record.acting().find(holds);
        return found !== undefined;
      });
      return found ?? assert.fail(what);
    },
    sessions: async () => {
      const { sessions } = await backend.look(AbortSignal.timeout(WITHIN_MS));
      return sessions.map(({ id }) => id);
    },
    removeSession: async (id) => {
      const signal = AbortSignal.timeout(WITHIN_MS);
      const { sessions } = await backend.look(signal);
      const row = sessions.find((session) => session.id === id) ?? assert.fail(`${id} is not in the store`);
      assert.equal(await backend.removeSession(row, null, signal), true);
    },
  };
}

class ActRecord {
  readonly acts: Act[] = [];
  readonly #candidates: readonly Candidate[];
  readonly #timer = setInterval(() => this.sample(), SAMPLE_MS);

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
  }

  acting(): readonly Acting[] {
    return this.#candidates.flatMap((candidate) =>
      candidate.tenures.filter((tenure) => tenure.mayAct()).map((tenure) => ({ candidate, tenure })),
    );
  }

  sample(): void {
    for (const { candidate, tenure } of this.acting()) {
      const nowMs = performance.now();
      const act = this.acts.find(({ id, term }) => id === candidate.id && term === tenure.term);
      if (act === undefined) this.acts.push({ id: candidate.id, term: tenure.term, fromMs: nowMs, toMs: nowMs });
      else act.toMs = nowMs;
    }
  }

  verify(): void {
    const story = JSON.stringify(this.acts);
    this.#verifyTermsOfEach(story);
    for (const [at, act] of this.acts.entries()) {
      const before = this.acts[at - 1];
      if (before === undefined) continue;
      assert.ok(before.toMs < act.fromMs, `two might act at once: ${story}`);
      assert.ok(before.term < act.term, `a term did not rise: ${story}`);
    }
  }

  #verifyTermsOfEach(story: string): void {
    for (const { id, tenures } of this.#candidates) {
      const terms = tenures.map(({ term }) => term);
      const rising = [...new Set(terms)].sort((a, b) => a - b);
      assert.deepEqual(terms, rising, `${id} came to act twice in one term: ${story}`);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
