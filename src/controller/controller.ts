// The controller role: campaigns, and while it holds a term runs one machine for every service, fed by what changes in the
// store. It decides nothing about health; that is the machine's.
import type { Timer } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { MachineEvent } from '../failover/machine-event.ts';
import type { ActiveHost } from '../failover/mass-failure.ts';
import type { MachineState } from '../failover/service-state.ts';
import { ActiveHosts, servedAddresses } from './active-hosts.ts';
import { watchConfigDrift } from './config-drift.ts';
import type { ControllerDeps, Tenure } from './controller-deps.ts';
import { runElection } from './election.ts';
import type { LastWrites } from './last-writes.ts';
import { isMember } from './membership.ts';
import { performInTurn, reviewTurn } from './perform-in-turn.ts';
import { ProviderDesk } from './provider-desk.ts';
import { readRequests } from './read-requests.ts';
import { ReadinessTeller } from './readiness.ts';
import { recordPlaces } from './record-places.ts';
import { ServiceController } from './service-controller.ts';
import { serviceRulesFromConfig } from './service-rules-from-config.ts';
import { observationGuards, type ParsedObservations, readServiceView } from './service-view.ts';
import { SweepSlots } from './sweep-slots.ts';
import { watchDnsDrift } from './watch-dns-drift.ts';

/** How often a service is looked at without an occasion: often while something runs, seldom in steady state. */
const TICK_BUSY_MS = 50;
const TICK_IDLE_MS = 1_000;
/** Longest wait for effects in flight after the term ended, before the process is left as it is. */
const REST_MAX_MS = 2_000;
/** Services whose records are read at once when a term begins: one after the other, a thousand would take seconds. */
const LOADS_MAX = 32;

export type Controller = { readonly done: Promise<void>; readonly isLeading: () => boolean };

export function startController(deps: ControllerDeps, mayCampaign: () => boolean): Controller {
  let leading = false;
  const done = runElection(deps, {
    mayCampaign: () => isMember(deps.config, deps.id) && mayCampaign(),
    lead: async (tenure) => {
      leading = true;
      try {
        return await new Term(deps, tenure).run();
      } finally {
        leading = false;
      }
    },
  });
  return { done, isLeading: () => leading };
}

type Entry = {
  readonly config: ServiceConfig;
  machine: ServiceController;
  inFlight: number;
  /** What the last look was made from beside the votes, which tell of themselves: unchanged, another look sees the same. */
  lookedAt: string | null;
};

/** One term: everything in it is thrown away when it ends, and read from the store by the next. */
class Term {
  readonly #deps: ControllerDeps;
  readonly #tenure: Tenure;
  readonly #desk: ProviderDesk;
  readonly #services = new Map<string, Entry>();
  readonly #hosts = new ActiveHosts();
  readonly #readiness: ReadinessTeller;
  readonly #timers = new Map<string, Timer>();
  readonly #stops: (() => void)[] = [];
  readonly #sweeps = new SweepSlots();
  readonly #writes: LastWrites = new Map();
  readonly #parsed: ParsedObservations = new WeakMap();

  constructor(deps: ControllerDeps, tenure: Tenure) {
    this.#desk = new ProviderDesk(deps, tenure);
    this.#deps = { ...deps, ports: { ...deps.ports, provider: this.#desk.provider } };
    this.#tenure = tenure;
    this.#readiness = new ReadinessTeller(deps);
  }

  async run(): Promise<{ isAtRest: boolean }> {
    const { signal } = this.#tenure;
    await this.#addAll(this.#deps.config.services);
    // Everything is loaded before anything is decided, so that the brake sees all hosts.
    for (const id of this.#services.keys()) this.#begin(id);
    this.#stops.push(watchConfigDrift({ ...this.#deps, alert: (alert) => this.#deps.ports.alert('', alert) }));
    this.#stops.push(...this.#watchDns());
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const stop of this.#stops) stop();
    for (const timer of this.#timers.values()) timer.stop();
    this.#readiness.end();
    this.#desk.end();
    return { isAtRest: await this.#comeToRest() };
  }

  async #addAll(services: readonly ServiceConfig[]): Promise<void> {
    for (let from = 0; from < services.length; from += LOADS_MAX) {
      const entries = await Promise.all(services.slice(from, from + LOADS_MAX).map((config) => this.#load(config)));
      for (const entry of entries) if (entry !== null) this.#services.set(entry.config.id, entry);
    }
  }

  async #load(config: ServiceConfig): Promise<Entry | null> {
    const deps = this.#deps;
    const entry = { config, inFlight: 0, lookedAt: null } as Entry;
    entry.machine = new ServiceController({
      deps,
      tenure: this.#tenure,
      rules: serviceRulesFromConfig(deps.config, config),
      observationGuards: (state) => observationGuards(deps, config, state),
      look: () => this.#look(config),
      onState: (state) => {
        this.#hosts.note(config.id, activeHost(config, state));
        this.#hosts.noteServed(config.id, servedAddresses(config, state));
        this.#readiness.note(config.id, state.local.prechecks);
        for (const place of recordPlaces({ services: [config] }, state))
          reviewTurn(this.#desk.turnsAt(place.service.record.provider), place.state);
      },
      perform: (effect, state) => {
        const isExternal = effect.kind === 'run' || effect.kind === 'writeDns';
        if (isExternal) entry.inFlight += 1;
        const report = (event: MachineEvent) => {
          if (isExternal) entry.inFlight -= 1;
          entry.machine.enqueue(event);
        };
        const performer = { deps, tenure: this.#tenure, sweeps: this.#sweeps, writes: this.#writes, report };
        performInTurn(performer, { effect, state, turnsAt: (provider) => this.#desk.turnsAt(provider) });
      },
    });
    try {
      await entry.machine.load();
    } catch (error) {
      if (!(error instanceof OneupError) || error.code !== 'ONEUP_STORE_CORRUPT') throw error;
      // One unreadable record holds its own service, and no other.
      const service = config.id;
      // It may be served at any of its nodes.
      this.#hosts.noteServed(
        service,
        config.nodes.map(({ address }) => address),
      );
      deps.logger.error(
        { err: error, service, remedy: error.remedy },
        `${service} is not controlled: ${error.message}`,
      );
      const subject = `${service}: not controlled, ${error.message}`;
      deps.ports.alert(service, { id: null, state: 'event', count: 1, level: 'critical', subject, refusal: null });
      return null;
    }
    return entry;
  }

  #begin(id: string): void {
    const entry = this.#services.get(id);
    if (entry === undefined) return;
    const { keys, view } = this.#deps;
    entry.machine.enqueue({ kind: 'takeover', term: this.#tenure.term, view: this.#look(entry.config) });
    const look = () => this.#seen(id);
    this.#stops.push(view.onChange(`${keys.observations}${id}/`, look));
    this.#stops.push(view.onChange(`${keys.standbys}${id}/`, look));
    this.#stops.push(view.onChange(`${keys.suspicions}${id}/`, look));
    this.#stops.push(view.onChange(`${keys.agents}${id}/`, look));
    this.#stops.push(view.onChange(keys.probers, look));
    this.#stops.push(view.onChange(`${keys.requests}${id}/`, () => this.#request(id)));
    // The machine's own records tell when a verification begins, which changes what counts as a vote.
    this.#stops.push(view.onChange(keys.operation(id), look));
    this.#openWindows(entry);
    this.#seen(id);
    this.#request(id);
    this.#tick(id);
  }

  #watchDns(): readonly (() => void)[] {
    return watchDnsDrift({
      deps: this.#deps,
      signal: this.#tenure.signal,
      services: [...this.#services.values()].map(({ config }) => config),
      stateOf: (id) => this.#services.get(id)?.machine.state ?? null,
      tell: (id, look) => this.#services.get(id)?.machine.enqueue({ kind: 'dnsLook', ...look }),
    });
  }

  #openWindows({ config, machine }: Pick<Entry, 'config' | 'machine'>): void {
    const { failback } = config;
    if (failback.kind !== 'window') return;
    const open = () => machine.enqueue({ kind: 'failbackWindow', openForMs: failback.openForMs });
    this.#stops.push(this.#deps.ports.onSchedule(failback.cron, open));
  }

  #look(config: ServiceConfig): ReturnType<typeof readServiceView> {
    const op = this.#services.get(config.id)?.machine.state?.op ?? null;
    const view = readServiceView(this.#deps, { parsed: this.#parsed, service: config, op, brake: this.#hosts.brake() });
    return { ...view, hostServes: this.#hosts.othersAt(config) };
  }

  #seen(id: string): void {
    const entry = this.#services.get(id);
    if (entry === undefined) return;
    entry.lookedAt = this.#grounds(entry);
    entry.machine.enqueue({ kind: 'seen', view: this.#look(entry.config) });
  }

  #grounds({ machine, config }: Entry): string {
    const op = machine.state?.op ?? null;
    const others = op?.kind === 'fenceTest' ? this.#hosts.othersAt(config) : null;
    return JSON.stringify([op?.opId, op?.phase, op?.epoch, this.#hosts.brake(), others]);
  }

  #request(id: string): void {
    const entry = this.#services.get(id);
    if (entry === undefined) return;
    const requests = readRequests(this.#deps, id);
    // Whom a shot would hit besides may have changed since the last look (S36).
    if (requests.some(({ command }) => command.kind === 'fenceTest')) this.#seen(id);
    for (const event of requests) entry.machine.enqueue(event);
  }

  #tick(id: string): void {
    const entry = this.#services.get(id);
    if (entry === undefined || this.#tenure.signal.aborted) return;
    const { state } = entry.machine;
    const isBusy = state !== null && (state.op !== null || state.tail !== null || state.service.refusal !== null);
    this.#timers.set(
      id,
      this.#deps.clock.timer(isBusy ? TICK_BUSY_MS : TICK_IDLE_MS, () => {
        if (isBusy && entry.lookedAt !== this.#grounds(entry)) this.#seen(id);
        entry.machine.enqueue({ kind: 'tick' });
        this.#tick(id);
      }),
    );
  }

  async #comeToRest(): Promise<boolean> {
    const { clock } = this.#deps;
    const until = clock.monotonicMs() + REST_MAX_MS;
    const isAtRest = () =>
      [...this.#services.values()].every(({ machine, inFlight }) => machine.isIdle && inFlight === 0);
    const never = new AbortController().signal;
    while (!isAtRest() && clock.monotonicMs() < until) await clock.sleep(20, { signal: never });
    return isAtRest();
  }
}

function activeHost(config: ServiceConfig, { service, local }: MachineState): ActiveHost | null {
  const node = config.nodes.find((candidate) => candidate.id === service.active);
  return node === undefined ? null : { host: node.address, isDown: local.view.nodes[node.id]?.down.kind === 'agreed' };
}
