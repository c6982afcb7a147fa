// One prober process of a run on its machine: the real mirror, prober, election and controller, connected to the store as
// `oneup run` does it, with a high-water mark that outlives it and a runner for its scripts. It can be killed and stopped.
import { ClaimBook } from '../../src/base/claim-book.ts';
import { startController } from '../../src/controller/controller.ts';
import type { ControllerDeps } from '../../src/controller/controller-deps.ts';
import type { ReadDeps } from '../../src/controller/read-model.ts';
import type { Session, Store } from '../../src/ports/store.ts';
import type { StoreView } from '../../src/ports/store-view.ts';
import { followGrants } from '../../src/prober/follow-grants.ts';
import { startProber } from '../../src/prober/prober.ts';
import type { Looked } from '../../src/prober/prober-deps.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { SimClock, type SimMachine } from './sim-clock.ts';
import { NAME, RHO, SECOND } from './sim-config.ts';
import { isLost, keepHouse } from './sim-house.ts';
import { loggerFor } from './sim-logger.ts';
import { lookAt } from './sim-look.ts';
import { GENERATION, SimMark } from './sim-mark.ts';
import { memberDriver } from './sim-member-driver.ts';
import { createSimStore } from './sim-store.ts';
import type { SimWorld } from './sim-world.ts';

const BOUNDS = { rho: RHO, marginMs: 200 };
const POLL_MS = 100;
const STORE_DELAY_MAX_MS = 6;
const FIRST_LIST_LOOK_MS = 50;
const RECONNECT_MS = 500;

export type Process = {
  readonly clock: SimClock;
  readonly run: number;
  readonly book: ClaimBook;
  deadlineBootMs: number;
  diedAtBootMs: number | null;
};
type Roles = {
  readonly isLeading: () => boolean;
  readonly report: (key: string, value: string) => void;
  /** What a command that only reads is given. */
  readonly reads: ReadDeps & { readonly store: Store };
};

export class SimMember {
  readonly id: string;
  readonly machine: SimMachine;
  readonly isCandidate: boolean;
  /** It sees nothing but failures. */
  isLying = false;
  configVersion: number | null = null;
  lastContactMs = 0;
  readonly #world: SimWorld;
  /** What is on its disk: it outlives the process (S4). */
  readonly #mark = new SimMark();
  #process: Process | null = null;
  #roles: Roles | null = null;
  /** The session of its last campaign, and the one under which it has a term. */
  #campaign: Session | null = null;
  #won: Session | null = null;
  readonly #controllers: AbortController[] = [];
  #runs = 0;
  #ids = 0;

  constructor(id: string, world: SimWorld, options: { readonly machine: SimMachine; readonly isCandidate: boolean }) {
    this.id = id;
    this.#world = world;
    this.machine = options.machine;
    this.isCandidate = options.isCandidate;
  }

  /** Whether a session that it holds as controller still lets it act, on its own clock. */
  get mayAct(): boolean {
    const { clock } = this;
    if (clock === null || clock.state === 'dead') return false;
    return this.#won !== null && clock.bootMs() < this.#won.mayActUntilBootMs();
  }

  /** The run is over: whatever still listens somewhere lets go, also in processes that died long ago. */
  end(): void {
    for (const controller of this.#controllers) controller.abort(ENDED);
  }

  #controller(): AbortController {
    const controller = new AbortController();
    this.#controllers.push(controller);
    return controller;
  }

  hasTerm(isHeld: boolean): void {
    this.#won = isHeld ? this.#campaign : null;
  }

  get isLeading(): boolean {
    return this.#roles?.isLeading() === true && this.isUp;
  }

  get reads(): Roles['reads'] | null {
    return this.isUp ? (this.#roles?.reads ?? null) : null;
  }

  /** What the process that runs now knows of grants. */
  get book(): ClaimBook | null {
    return this.isUp ? (this.#process?.book ?? null) : null;
  }

  get isUp(): boolean {
    return this.#process !== null && this.#process.clock.state !== 'dead';
  }

  get clock(): SimClock | null {
    return this.#process?.clock ?? null;
  }

  start(): void {
    if (this.isUp) return;
    this.#runs += 1;
    const clock = new SimClock(this.#world.time, this.machine);
    const peer = `${this.id}/${this.#runs}`;
    const book = new ClaimBook({ peer, startedMonoMs: clock.monotonicMs(), bounds: BOUNDS });
    // The process before this one is dead, or this one would not be started.
    book.succeed([`${this.id}/${this.#runs - 1}`]);
    const process: Process = { clock, run: this.#runs, book, deadlineBootMs: 0, diedAtBootMs: null };
    this.#process = process;
    this.#world.history.note(() => `PROCESS ${this.id} starts`);
    void this.#live(process);
  }

  /** The process is gone, and its runner ends what it runs within the kill time. */
  kill(): void {
    if (this.#process === null || !this.isUp) return;
    this.#world.history.note(() => `PROCESS ${this.id} dies`);
    this.#process.diedAtBootMs = this.#process.clock.bootMs();
    this.#process.clock.kill();
    this.#roles = null;
  }

  /** Its name server tells what it answers now (S31). */
  served(values: readonly string[]): void {
    const record = { serial: 1, values, ttlSeconds: 1, drainMs: 1_000 };
    this.#roles?.report(this.#world.keys.served(this.id, NAME, 'A'), JSON.stringify(record));
  }

  async #live(process: Process): Promise<void> {
    const { clock } = process;
    for (;;) {
      const store = await this.#connect(process);
      if (store === null) await this.#sleep(clock, RECONNECT_MS);
      else await this.#follow(process, store);
    }
  }

  #sleep(clock: SimClock, ms: number): Promise<void> {
    return new Promise((resolve) => void clock.timer(ms, resolve));
  }

  /** The store, unless it cannot be reached or is an older state of the one that was known (S4). */
  async #connect({ clock }: Process): Promise<Store | null> {
    const { engine, draw, history, wire, network, rates, keys } = this.#world;
    const line = {
      canSend: () => network.carries(this.id, 'store'),
      canHear: () => network.carries('store', this.id),
      onContact: () => {
        this.lastContactMs = this.#world.time.nowMs;
      },
    };
    const inner = engine.connect(line, { clock, bounds: BOUNDS, pollMs: POLL_MS });
    const faultRate = () => rates.commitFault;
    const way = { engine, draw, history, wire, clock, faultRate, delayMaxMs: STORE_DELAY_MAX_MS };
    const store = this.#watchSessions(createSimStore({ ...way, store: inner, sender: this.id }));
    try {
      const { entries, revision } = await store.list(keys.services);
      const term = (await store.get(keys.term))?.value;
      const texts = entries.map(({ key, value }) => [key.slice(keys.services.length), value] as const);
      const compared = this.#mark.compare(revision, term, texts);
      if (compared === 'ok') return store;
      history.note(() => `STORE REFUSED by ${this.id}: ${compared}`);
      history.count('fate', 'store refused');
    } catch {
      // Unreachable: tried again after a pause, for as long as it takes (S38).
    }
    await store[Symbol.asyncDispose]();
    return null;
  }

  #watchSessions(store: Store): Store {
    return {
      ...store,
      openSession: async (options) => {
        const session = await store.openSession(options);
        if (options.id.includes('-controller-')) this.#campaign = session;
        return session;
      },
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  /** Follows one opened store through any number of configurations, until it is lost for good. */
  async #follow(process: Process, store: Store): Promise<void> {
    const { keys } = this.#world;
    const { clock } = process;
    const end = this.#controller();
    const { signal } = end;
    const logger = loggerFor(this.id, this.#world.history);
    const mirror = { store, root: keys.root, clock, logger, watchTimeoutMs: 5_000, signal };
    const view = startStoreMirror(mirror);
    while (view.revision() === 0 && !isLost(store, clock)) await this.#sleep(clock, FIRST_LIST_LOOK_MS);
    while (view.revision() > 0 && (await this.#playRoles(process, store, view)) === 'reconfigured');
    end.abort(ENDED);
    await store[Symbol.asyncDispose]();
  }

  async #playRoles(process: Process, store: Store, view: StoreView): Promise<'reconfigured' | 'storeLost'> {
    const { keys } = this.#world;
    const { clock } = process;
    const life = this.#controller();
    const version = view.get(keys.config)?.version ?? null;
    this.configVersion = version;
    const config = this.#world.configOf(version);
    // Every version is another configuration here, so its number names it as the digest of its text does (S7).
    const digest = `d${version}`;
    const uniqueId = () => {
      this.#ids += 1;
      return `${this.id}-${process.run}-${this.#ids}`;
    };
    const shared = {
      id: this.id,
      config,
      keys,
      store,
      view,
      clock,
      logger: loggerFor(this.id, this.#world.history),
      uniqueId,
    };
    const deps = { ...shared, signal: life.signal };
    const looks = {
      version: '0',
      runCheck: (target: Parameters<typeof lookAt>[1], { signal }: { readonly signal: AbortSignal }) =>
        lookAt(this.#world, target, { member: this, clock, signal }),
      probeReference: (): Promise<Looked> => Promise.reject(new RangeError('Cannot probe: there are no references')),
    };
    const prober = startProber({ ...deps, ...looks }, { digest, pid: process.run, configStanding: 'inForce' });
    prober.done.catch((error: unknown) => this.#world.history.gaveUp(this.id, error));
    const report = (key: string, value: string | null) => prober.board.set(key, value);
    followGrants({
      ...{ view, keys, config, prober: this.id, book: process.book, report, signal: life.signal },
      generation: GENERATION.number,
    });
    const controller = this.isCandidate
      ? startController(
          {
            ...deps,
            generation: GENERATION.number,
            configVersion: version,
            inForceDigest: digest,
            // Nobody in a run looks at a plan, and what is not told costs no seed.
            report: () => undefined,
            ports: this.#ports(process, { store, view }),
          },
          () => prober.session() !== null && prober.isFit(),
        )
      : null;
    this.#roles = {
      isLeading: () => controller?.isLeading() === true,
      report: (key, value) => prober.board.set(key, value),
      reads: { config, keys, view, inForceDigest: digest, store },
    };
    const why = await keepHouse({ keys, clock, mark: this.#mark, store, view, version });
    this.#roles = null;
    life.abort(ENDED);
    await Promise.allSettled([prober.done, controller?.done]);
    return why;
  }

  #ports(process: Process, copy: Pick<ControllerDeps, 'store' | 'view'>): ControllerDeps['ports'] {
    const { dns, second } = this.#world;
    const providerOf = (name: string) => (name === SECOND.name ? (second ?? dns) : dns);
    const serverAt = (host: string) => (host === SECOND.server ? (second ?? dns) : dns);
    return {
      driver: (_service, node, tenure) => memberDriver(this.#world, { member: this, process, node, tenure, ...copy }),
      provider: (name) => providerOf(name).provider(this.id, process.clock),
      askNameServer: async ({ server }) => ({ kind: 'answer', values: serverAt(server.host).addresses, ttlSeconds: 1 }),
      findNameServers: async () => ({ kind: 'unknown', reason: 'nobody is asked' }),
      onSchedule: () => () => undefined,
      alert: () => undefined,
      extendDeadline: (untilBootMs) => {
        process.deadlineBootMs = untilBootMs;
      },
    };
  }
}

/** One for all: making an error costs more than a look at a node. */
const ENDED = new Error('this life has ended');
