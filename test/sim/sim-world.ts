// A whole cluster in one process: a store, two controllers, three probers, nodes, a DNS provider and an operator, in one
// virtual time. It knows how to do harm; what harm is done, and when, is drawn elsewhere.
import { type StoreKeys, storeKeys } from '../../src/base/store-keys.ts';
import type { Config } from '../../src/config/config.ts';
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { Operation } from '../../src/failover/operation.ts';
import type { ServiceRecord } from '../../src/failover/service-state.ts';
import type { Session, Store } from '../../src/ports/store.ts';
import { MemoryStoreWorld } from '../../src/store/memory/memory-store-world.ts';
import { type Draw, drawFrom } from './draw.ts';
import { History } from './history.ts';
import type { Mutation } from './mutation.ts';
import { SESSION_TTL_MS, simConfig } from './sim-config.ts';
import { SimController } from './sim-controller.ts';
import { SimNode } from './sim-node.ts';
import { SimProbers } from './sim-probers.ts';
import { SimDns } from './sim-provider.ts';
import { createSimStore } from './sim-store.ts';
import { type SimClock, VirtualTime } from './virtual-time.ts';

const BOUNDS = { rho: 0.01, marginMs: 200 };
const POLL_MS = 100;
const CONTROLLERS = ['p1', 'p2'] as const;

export class SimWorld {
  readonly time = new VirtualTime();
  readonly history = new History(() => this.time.nowMs);
  readonly draw: Draw;
  readonly config: Config;
  readonly keys: StoreKeys;
  readonly nodes: readonly SimNode[];
  readonly dns: SimDns;
  readonly probers: SimProbers;
  readonly controllers = new Map<string, SimController>();
  storeFaultRate = 0;
  /** How often a controller dies at the boundary of an effect. */
  deathRate = 0;
  /** Outside of every process: the wire, the operator and fate. */
  readonly wire: SimClock;
  readonly #engine = new MemoryStoreWorld();
  readonly #mutation: Mutation | null;
  readonly #operatorStore: Store;
  #session: Session | null = null;
  #runs = 0;
  #requests = 0;

  constructor(seed: number, mutation: Mutation | null) {
    this.draw = drawFrom(seed);
    this.#mutation = mutation;
    const ids = this.draw.chance(0.5) ? ['a', 'b'] : ['a', 'b', 'c'];
    this.config = simConfig(ids);
    this.keys = storeKeys(this.config.cluster.name);
    this.wire = this.time.clock();
    this.nodes = ids.map((id) => new SimNode(id, this.time, this.history));
    for (const node of this.nodes) node.ignoresSteps = mutation === 'noSteps';
    const { history, draw } = this;
    history.setNodes(ids);
    history.isLiar = (id) => this.nodes.some((node) => node.id === id && node.fenceLies);
    this.dns = new SimDns({ history, draw, nodes: ids, wire: this.wire });
    this.#operatorStore = this.#engine.connect({ clock: this.wire, bounds: BOUNDS, pollMs: POLL_MS });
    const probers = { clock: this.wire, draw, store: this.#operatorStore, keys: this.keys, nodes: this.nodes, history };
    this.probers = new SimProbers(probers);
  }

  async start(): Promise<void> {
    await this.probers.start();
    this.#session = await this.#operatorStore.openSession({ id: 'operator', ttlMs: SESSION_TTL_MS });
    for (const id of CONTROLLERS) this.startController(id);
  }

  startController(id: string): void {
    const before = this.controllers.get(id);
    if (before !== undefined && before.clock.state() !== 'dead') return;
    this.#runs += 1;
    const clock = this.time.clock();
    const store = createSimStore({
      store: this.#engine.connect({ clock, bounds: BOUNDS, pollMs: POLL_MS }),
      draw: this.draw,
      history: this.history,
      wire: this.wire,
      mutation: this.#mutation,
      faultRate: () => this.storeFaultRate,
    });
    this.history.note(`PROCESS ${id} starts`);
    const controller = new SimController({
      id,
      run: this.#runs,
      clock,
      store,
      draw: this.draw,
      history: this.history,
      config: this.config,
      keys: this.keys,
      dns: this.dns,
      nodes: this.nodes,
      mutation: this.#mutation,
      diesHere: () => this.draw.chance(this.deathRate) && this.#dies(id),
    });
    this.controllers.set(id, controller);
  }

  kill(id: string): void {
    const controller = this.controllers.get(id);
    if (controller === undefined || controller.clock.state() === 'dead') return;
    this.#dies(id);
    controller.kill();
  }

  #dies(id: string): true {
    this.history.note(`PROCESS ${id} dies`);
    this.history.count('controller deaths');
    this.wire.timer(this.draw.between(300, 4_000), () => this.startController(id));
    return true;
  }

  pause(id: string, ms: number): void {
    const controller = this.controllers.get(id);
    if (controller?.clock.state() !== 'running') return;
    this.history.note(`PROCESS ${id} is stopped for ${ms} ms`);
    this.history.count('controller pauses');
    controller.clock.pause();
    this.wire.timer(ms, () => {
      this.history.note(`PROCESS ${id} goes on`);
      controller.clock.resume();
    });
  }

  /** The process that leads, or any if none does. */
  victim(): string {
    const leading = CONTROLLERS.find((id) => this.controllers.get(id)?.isLeading);
    return leading ?? this.draw.pick(CONTROLLERS);
  }

  command(command: MachineCommand): void {
    const session = this.#session;
    if (session === null) return;
    this.#requests += 1;
    this.history.note(`COMMAND ${JSON.stringify(command)}`);
    this.history.count(command.kind);
    const key = this.keys.request('web', `r${this.#requests}`);
    const value = JSON.stringify({ actor: 'ann', command });
    const writes = [{ kind: 'put', key, value, sessionId: session.id }] as const;
    void this.#operatorStore.commit({ guards: [], writes, token: `request-${this.#requests}` });
  }

  async record<T>(key: string): Promise<T | null> {
    const entry = await this.#operatorStore.get(key);
    return entry === null ? null : (JSON.parse(entry.value) as T);
  }

  operation(): Promise<Operation | null> {
    return this.record(this.keys.operation('web'));
  }

  tail(): Promise<Operation | null> {
    return this.record(this.keys.tail('web'));
  }

  service(): Promise<ServiceRecord | null> {
    return this.record(this.keys.service('web'));
  }
}
