// A whole cluster in one process and one virtual time: a store, prober processes of which some may be controllers, nodes, a
// DNS provider and an operator, on machines with clocks of their own. What goes wrong in it, and when, is drawn elsewhere.
import { type StoreKeys, storeKeys } from '../../src/base/store-keys.ts';
import type { CheckTarget, Config } from '../../src/config/config.ts';
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { StoreWrite } from '../../src/ports/store.ts';
import { addAgents } from './agent/agent-machine.ts';
import { type LeaseRun, waiterSkew, withLeases } from './agent/lease-run.ts';
import type { Sender } from './check-effects.ts';
import { Coverage } from './coverage.ts';
import { type Draw, drawFrom } from './draw.ts';
import { History } from './history.ts';
import { minHealthyOf, playMachines, type SetRun } from './set/set-run.ts';
import { type SimClock, SimMachine } from './sim-clock.ts';
import { addressOf, COOLDOWN_MS, drawSecond, RHO, simConfig } from './sim-config.ts';
import { SimEngine } from './sim-engine.ts';
import { SimMember } from './sim-member.ts';
import { SimNetwork } from './sim-network.ts';
import { SimNode } from './sim-node.ts';
import { SimDns } from './sim-provider.ts';
import { SimScripts } from './sim-script.ts';
import { VirtualTime } from './virtual-time.ts';

export type Place = { readonly node: SimNode; readonly scripts: SimScripts };
export type WorldOptions = {
  readonly seed: number;
  readonly isLogged: boolean;
  readonly leases: LeaseRun | null;
  readonly set: SetRun | null;
  /** Three probers, and two more processes that may join them. */
  readonly hasSpares: boolean;
};

/** After its last contact a controller acts for its ttl at most; the rest is for what is under way and for slow clocks. */
const UNDER_WAY_MS = 100;
const COMMIT_MS = 50;
const PROBERS = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'] as const;
const RESTART_MS = { min: 300, max: 4_000 } as const;
const WALL_APART_MS = 86_400_000;
const CANDIDATES = 3;
/** Where probers join and leave, so many are in the configuration at first and at the end. */
export const MEMBERS = 3;
const SPARES = 2;
const VOTERS = 3;

export class SimWorld {
  readonly time = new VirtualTime();
  readonly network = new SimNetwork();
  readonly engine = new SimEngine();
  readonly coverage = new Coverage();
  /** How often things go wrong just now, from 0 to 1: a commit, a controller at the boundary of an effect, a request. */
  readonly rates = { commitFault: 0, death: 0, pause: 0, duplicate: 0 };
  /** Noise of the run: delays, and what becomes of single messages. */
  readonly draw: Draw;
  /** In force now, as far as anybody outside can tell. */
  config: Config;
  readonly keys: StoreKeys;
  readonly history: History;
  readonly members: readonly SimMember[];
  readonly places: readonly Place[];
  readonly dns: SimDns;
  /** Where the name is kept besides; null: nowhere. */
  readonly second: SimDns | null;
  /** The service is active-active; null: active-passive. */
  readonly set: SetRun | null;
  /** Outside of every process: the wire, the operator and fate. */
  readonly wire: SimClock;
  /** When the store was put back to an older state: nothing may happen any more (S4, S37). */
  restoredAtMs: number | null = null;
  /** The newest version of the configuration in force. */
  configVersion = 0;
  #requests = 0;
  readonly #configs = new Map<number, Config>();
  /** The configuration with these probers. */
  readonly #configWith: (probers: readonly string[]) => Config;

  constructor({ seed, isLogged, leases, set, hasSpares }: WorldOptions) {
    this.set = set;
    this.draw = drawFrom(seed);
    const { draw } = this;
    const drawn = draw.pick([3, 3, 3, 3, 3, 4, 5, 7]);
    const probers = PROBERS.slice(0, hasSpares ? MEMBERS : drawn);
    const nodes = ['a', 'b', 'c', 'd'].slice(0, draw.pick([2, 2, 3, 3, 4]));
    const options = {
      restarts: draw.chance(0.3),
      hasLongSessions: draw.chance(0.25),
      probersPerCheck: drawVoters(seed, { count: probers.length, hasSpares }),
      set,
      hasSecond: drawSecond(seed, set),
    };
    this.#configWith = (ids) => {
      const config = simConfig(ids, nodes, options);
      return leases === null ? config : withLeases(config, leases);
    };
    this.config = this.#configWith(probers);
    this.keys = storeKeys(this.config.cluster.name);
    this.wire = this.time.clock();
    const voters = this.config.services[0]?.probers.length ?? 0;
    this.history = new History({
      nowMs: () => this.time.nowMs,
      coverage: this.coverage,
      isLogged,
      nodes,
      majority: Math.floor(voters / 2) + 1,
      isLiar: (id) => this.places.some(({ node }) => node.id === id && node.lies !== null),
      hasStaleConfig: (id) => this.members.some((member) => member.id === id && this.#isStale(member)),
      isOutside: (id) => !this.config.cluster.probers.some((prober) => prober.id === id),
      whoElseMayAct: (id) =>
        this.members.filter((member) => member.id !== id && member.mayAct).map((member) => member.id),
      onTerm: (id, isHeld) => this.members.find((member) => member.id === id)?.hasTerm(isHeld),
      // A controller's clock may run ahead, and it counts from before its commit until before its commit.
      cooldownMs: COOLDOWN_MS / (1 + RHO) - COMMIT_MS,
      budget: this.config.services[0]?.failover.budget ?? { count: 0, perMs: 0 },
      set:
        set === null
          ? null
          : {
              ...{ run: set, minHealthy: minHealthyOf(set, nodes) },
              votesUp: (node) => this.#votesUp(node),
              majority: () => Math.floor(this.#voters.length / 2) + 1,
            },
    });
    const { history, network, wire } = this;
    this.places = nodes.map((id) => {
      const node = new SimNode(id, history);
      return { node, scripts: new SimScripts(node, draw, history) };
    });
    const around = { history, network, nodes, wire };
    this.dns = new SimDns({ ...around, name: 'dns', draw });
    this.second = options.hasSecond ? new SimDns({ ...around, name: 'dns2', draw: drawFrom(seed * 43 + 11) }) : null;
    const spares = hasSpares ? PROBERS.slice(MEMBERS, MEMBERS + SPARES) : [];
    this.members = [...probers, ...spares].map((id, at) => {
      const skew = waiterSkew(draw.between(-50, 50), leases);
      const machine = new SimMachine({ rate: 1 + skew / 1_000, offsetMs: at * WALL_APART_MS });
      return new SimMember(id, this, { machine, isCandidate: hasSpares || at < CANDIDATES });
    });
    if (leases !== null) addAgents(this, leases);
    this.dns.onPublished((values) => {
      for (const member of this.members) wire.timer(draw.between(5, 60), () => member.served(values));
    });
  }

  start(): void {
    this.write([{ kind: 'put', key: this.keys.term, value: '0' }]);
    this.configure();
    for (const member of this.members) member.start();
    if (this.set !== null) playMachines(this, this.set);
  }

  get #voters(): readonly { readonly id: string }[] {
    return this.config.services[0]?.probers ?? [];
  }

  /** By the observations that are in the store now. */
  #votesUp(node: string): number {
    return this.#voters.filter(({ id }) => {
      const vote = this.engine.get(this.keys.observation('web', node, id));
      return vote !== null && (JSON.parse(vote.value) as { readonly verdict?: string }).verdict === 'up';
    }).length;
  }

  /** The operator's or `init`'s hand: it writes whatever the store holds. */
  write(writes: readonly StoreWrite[]): number {
    this.#requests += 1;
    const result = this.engine.commit({ guards: [], writes, token: `operator-${this.#requests}` });
    return result.kind === 'committed' ? result.revision : 0;
  }

  /** A configuration comes into force; every process begins anew with it (S7). */
  configure(config: Config = this.config): void {
    this.config = config;
    this.configVersion = this.write([{ kind: 'put', key: this.keys.config, value: '"text"' }]);
    this.#configs.set(this.configVersion, config);
  }

  /** What a process runs that has seen this version of the record. */
  configOf(version: number | null): Config {
    return this.#configs.get(version ?? 0) ?? this.config;
  }

  /** Other probers come into force. */
  changeMembers(probers: readonly string[]): void {
    this.history.note(() => `MEMBERS ${probers.join(' ')}`);
    if (!this.engine.isDown) this.configure(this.#configWith(probers));
  }

  command(command: MachineCommand): void {
    const id = `r${this.#requests}`;
    this.history.note(() => `COMMAND ${JSON.stringify(command)}`);
    this.history.count('command', command.kind);
    if (this.engine.isDown) return;
    const value = JSON.stringify({ actor: 'ann', command });
    this.write([{ kind: 'put', key: this.keys.request('web', id), value }]);
  }

  place(id: string): Place {
    const found = this.places.find(({ node }) => node.id === id);
    if (found === undefined) throw new RangeError(`Cannot find simulated node: value was ${id}`);
    return found;
  }

  nodeAt(target: CheckTarget): SimNode {
    const url = target.kind === 'http' ? target.url : '';
    const found = this.places.find(({ node }) => url.includes(`//${addressOf(node.id)}:`));
    if (found === undefined) throw new RangeError(`Cannot find simulated node: value was ${url}`);
    return found.node;
  }

  senderOf(member: SimMember): Sender {
    return {
      id: member.id,
      term: this.history.records.termOf(member.id),
      lastContactMs: () => member.lastContactMs,
      rightMs: this.config.cluster.timing.sessionTtlMs / (1 - RHO) + UNDER_WAY_MS,
      isStoreDown: () => this.engine.isDown,
    };
  }

  /** The boundary of an effect: a process may die here, or stop. */
  boundary(member: SimMember): void {
    if (this.draw.chance(this.rates.death)) this.kill(member);
    else if (this.draw.chance(this.rates.pause)) this.stop(member, this.draw.between(100, 6_000));
  }

  kill(member: SimMember): void {
    if (!member.isUp) return;
    this.coverage.fault('kill-process', this.history.records.phases);
    member.kill();
    this.wire.timer(this.draw.between(RESTART_MS.min, RESTART_MS.max), () => member.start());
  }

  stop(member: SimMember, ms: number): void {
    const { clock } = member;
    if (clock?.state !== 'running') return;
    this.coverage.fault('stop-process', this.history.records.phases);
    this.history.note(() => `PROCESS ${member.id} is stopped for ${ms} ms`);
    clock.stop();
    this.wire.timer(ms, () => {
      this.history.note(() => `PROCESS ${member.id} goes on`);
      clock.resume();
    });
  }

  /** The process that leads, or any candidate if none does. */
  victim(draw: Draw): SimMember {
    const candidates = this.members.filter(({ isCandidate }) => isCandidate);
    return candidates.find(({ isLeading }) => isLeading) ?? pickFrom(draw, candidates);
  }

  /** The first provider, or one of two. */
  drawDns(draw: Draw): SimDns {
    return this.second === null || draw.chance(0.5) ? this.dns : this.second;
  }

  /** As the network knows them. */
  get providers(): readonly string[] {
    return this.second === null ? ['dns'] : ['dns', 'dns2'];
  }

  #isStale(member: SimMember): boolean {
    return member.configVersion !== this.configVersion;
  }
}

/**
 * In half of the larger clusters three of the probers look, also where others join them: then who votes changes in the run. A draw
 * of its own, so that all else in the run stays as it is.
 */
function drawVoters(seed: number, probers: { readonly count: number; readonly hasSpares: boolean }): number | null {
  const mayBeFew = probers.hasSpares || (probers.count > VOTERS && probers.count % 2 === 1);
  return mayBeFew && drawFrom(seed * 17 + 3).chance(0.5) ? VOTERS : null;
}

export function pickFrom<T>(draw: Draw, choices: readonly T[]): T {
  const chosen = choices[draw.between(0, choices.length - 1)];
  if (chosen === undefined) throw new RangeError('Cannot pick: there is nothing to pick from');
  return chosen;
}
