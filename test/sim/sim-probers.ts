// Three simulated probers: each looks at every node in its own rhythm and writes its vote when it changes, or when a
// verification asks for a fresh one. They share one process and one line to the store; each has a session of its own.
import type { StoreKeys } from '../../src/base/store-keys.ts';
import type { Observation } from '../../src/health/observation.ts';
import type { Session, Store } from '../../src/ports/store.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { SimNode } from './sim-node.ts';
import type { SimClock } from './virtual-time.ts';

export type SimProbersOptions = {
  readonly clock: SimClock;
  readonly draw: Draw;
  readonly store: Store;
  readonly keys: StoreKeys;
  readonly nodes: readonly SimNode[];
  readonly history: History;
};

const INTERVAL_MS = 400;
const FALL = 2;
const PROBERS = [
  { id: 'p1', vantage: 'east' },
  { id: 'p2', vantage: 'west' },
  { id: 'p3', vantage: 'south' },
] as const;

type Stamp = Observation['stamp'];
type Memory = { failures: number; written: string };

export class SimProbers {
  /** The prober that sees nothing but failures, if there is one. */
  liar: string | null = null;
  /** Not looking: its session has ended. */
  readonly absent = new Set<string>();
  readonly #options: SimProbersOptions;
  readonly #memory = new Map<string, Memory>();
  readonly #sessions = new Map<string, Session>();
  #tokens = 0;

  constructor(options: SimProbersOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (const { id } of PROBERS) await this.#begin(id);
  }

  async #begin(id: string): Promise<void> {
    const { store, clock, draw } = this.#options;
    this.#tokens += 1;
    this.#sessions.set(id, await store.openSession({ id: `${id}-votes-${this.#tokens}`, ttlMs: 2_000 }));
    clock.timer(draw.between(1, INTERVAL_MS), () => void this.#round(id));
  }

  async #round(id: string): Promise<void> {
    const { clock } = this.#options;
    if (this.absent.has(id)) await this.#vanish(id);
    else for (const node of this.#options.nodes) await this.#look(id, node);
    clock.timer(INTERVAL_MS, () => void this.#round(id));
  }

  /** The session ends and its votes with it; a new one begins when the prober is back. */
  async #vanish(id: string): Promise<void> {
    for (const { id: node } of this.#options.nodes) this.#memory.delete(`${id} ${node}`);
    await this.#sessions.get(id)?.close();
    this.#tokens += 1;
    const { store } = this.#options;
    this.#sessions.set(id, await store.openSession({ id: `${id}-votes-${this.#tokens}`, ttlMs: 2_000 }));
  }

  async #look(id: string, node: SimNode): Promise<void> {
    const isUp = node.answers && this.liar !== id;
    const memory = this.#memory.get(`${id} ${node.id}`) ?? { failures: 0, written: '' };
    memory.failures = isUp ? 0 : memory.failures + 1;
    const stamp = await this.#stampFor(node.id);
    const observation = this.#observe(id, node, { isUp, failures: memory.failures, stamp });
    this.#memory.set(`${id} ${node.id}`, memory);
    const text = JSON.stringify(observation);
    if (text === memory.written) return;
    memory.written = text;
    await this.#write(id, node.id, observation);
  }

  /** S25: in VERIFY_NEW only looks that began after the start count. */
  async #stampFor(node: string): Promise<Stamp> {
    const { store, keys } = this.#options;
    const entry = await store.get(keys.operation('web'));
    if (entry === null) return null;
    const op = JSON.parse(entry.value) as { opId: string; phase: string; to: string | null; epoch: number | null };
    return op.phase === 'VERIFY_NEW' && op.to === node && op.epoch !== null ? { opId: op.opId, epoch: op.epoch } : null;
  }

  #observe(id: string, node: SimNode, seen: { isUp: boolean; failures: number; stamp: Stamp }): Observation {
    const { isUp, failures, stamp } = seen;
    const isGone = !node.isPowered || node.knobs.isUnreachable || this.liar === id;
    return {
      verdict: isUp ? 'up' : failures >= FALL ? 'down' : 'unknown',
      answering: isUp,
      reach: isGone ? 'unreached' : 'reached',
      reason: isUp ? 'status 200' : 'no answer',
      phases: {},
      streak: 1,
      checkedWallMs: 1,
      vantage: PROBERS.find((prober) => prober.id === id)?.vantage ?? '',
      stamp,
    };
  }

  async #write(id: string, node: string, observation: Observation): Promise<void> {
    const { store, keys, history } = this.#options;
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#tokens += 1;
    const key = keys.observation('web', node, id);
    const result = await store.commit({
      guards: [],
      writes: [{ kind: 'put', key, value: JSON.stringify(observation), sessionId: session.id }],
      token: `vote-${this.#tokens}`,
    });
    if (result.kind !== 'committed') this.#memory.delete(`${id} ${node}`);
    else if (observation.verdict === 'up' && observation.stamp !== null) {
      history.verified(node, observation.stamp.epoch, id);
    }
    history.note(
      `VOTE ${id} ${node} ${observation.verdict}${observation.stamp === null ? '' : ` for epoch ${observation.stamp.epoch}`}`,
    );
  }
}
