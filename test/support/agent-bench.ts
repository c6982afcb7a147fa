// An agent in a test: the real one on a fake clock, with a keeper, a line and a disk in memory that do what a test says. What was
// asked of the keeper and of the store is written down.
import { runAgent } from '../../src/agent/agent.ts';
import type { StepMemory, StepRecord } from '../../src/agent/step-memory.ts';
import type {
  AgentGoal,
  AgentGoals,
  AgentLink,
  AgentOrder,
  AgentReport,
  ClaimAnswer,
  Renewal,
  RenewalAnswer,
} from '../../src/ports/agent-link.ts';
import type { ServiceState } from '../../src/ports/node-state.ts';
import type { RunCommand } from '../../src/ports/run-command.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { FakeKeeper } from './fake-keeper.ts';
import { SILENT } from './prober-world.ts';

export const LEASE = { periodMs: 30_000, stopTimeoutMs: 5_000, marginMs: 2_000 } as const;

type Grant = AgentGoal['grant'];

const RUN: AgentGoal['actions'] = { start: { kind: 'run', argv: ['web'], env: {}, cwd: null } };

export class AgentBench implements AsyncDisposable {
  readonly clock: FakeClock = createFakeClock();
  readonly keeper = new FakeKeeper(this.clock);
  /** What the agent asked, as `renew 4`, in the order in which it came. */
  readonly renewals: (Renewal & { readonly atBootMs: number })[] = [];
  readonly claims: (Renewal & { readonly atBootMs: number })[] = [];
  /** Who may be asked, as the store has them. */
  peers: readonly string[] = [];
  /** What the probers say to a claim. */
  words: (renewal: Renewal) => readonly ClaimAnswer[] = () => [];
  leaseVersion = 0;
  readonly records = new Map<string, StepRecord>();
  /** What its disk knows of stores. */
  known: AgentGoals['generation'] | null = null;
  readonly reports = new Map<string, AgentReport>();
  readonly goals = new Map<string, AgentGoal>();
  /** What it has said to others on its machine, newest last. */
  readonly published: Readonly<Record<string, ServiceState>>[] = [];
  generation = { number: 1, id: 'g1' };
  revision = 1;
  /** The line: `down` rejects, `silent` never answers. */
  line: 'up' | 'down' | 'silent' = 'up';
  /** Only renewals fail. */
  isRenewing = true;
  isDiskFull = false;
  diskMs = 0;
  /** As the store has them; a test may let the agent know of it later. */
  readonly grants = new Map<string, Grant>();
  #turn = Promise.withResolvers<void>();
  #end = new AbortController();
  #done: Promise<void> = Promise.resolve();
  #runs = 0;

  /** A new process of the agent. */
  start(): void {
    this.#end = new AbortController();
    this.#runs += 1;
    const { clock, keeper } = this;
    this.#done = runAgent({
      ...{ cluster: 'test', agentRun: `r${this.#runs}`, clock, logger: SILENT, link: this.#link(), keeper },
      memory: this.#memory(),
      runCommand: async () => DONE,
      parentEnv: {},
      publish: (services) => void this.published.push(services),
      signal: this.#end.signal,
    });
  }

  async stop(): Promise<void> {
    this.#end.abort(new Error('the agent ends'));
    await this.clock.advance(10_000);
    await this.#done;
  }

  /** Changes what the store holds for one service; the agent is told. */
  tell(change: Partial<AgentGoal> = {}, service = 'web'): void {
    const known = this.goals.get(service) ?? { ...GOAL, service };
    const goal = { ...known, generation: this.generation.number, ...change };
    this.goals.set(service, goal);
    this.grants.set(service, goal.grant);
    this.revision += 1;
    this.#wake();
  }

  /** The agent asks again and is answered with what there is. */
  #wake(): void {
    this.#turn.resolve();
    this.#turn = Promise.withResolvers();
  }

  /** Starts the service in `epoch` and waits until it runs. */
  async run(epoch = 4, step = 10): Promise<void> {
    this.tell({ grant: { epoch, revoked: false }, order: order('start', epoch, step) });
    this.start();
    await this.clock.advance(1_000);
  }

  report(service = 'web'): AgentReport {
    const report = this.reports.get(service);
    if (report === undefined) throw new RangeError(`Cannot find a report: value was ${service}`);
    return report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #memory(): StepMemory {
    return {
      generation: () => this.known,
      enter: async (generation) => {
        if (this.isDiskFull) throw new Error('no space left');
        this.known = generation;
      },
      of: (service) => this.records.get(service) ?? null,
      write: async (service, record) => {
        await this.clock.sleep(this.diskMs, { signal: new AbortController().signal });
        if (this.isDiskFull) throw new Error('no space left');
        this.records.set(service, record);
      },
    };
  }

  #link(): AgentLink {
    return {
      goals: async ({ after, signal }) => {
        await this.#answer(signal);
        if (after >= this.revision) await Promise.race([this.#turn.promise, this.clock.sleep(10_000, { signal })]);
        await this.#answer(signal);
        return this.answer();
      },
      renew: async (renewal, { signal }) => {
        this.renewals.push({ ...renewal, atBootMs: this.clock.bootMs() });
        await this.#answer(signal);
        if (!this.isRenewing) throw new Error('the store does not answer');
        const grant = this.grants.get(renewal.service) ?? null;
        if (grant?.epoch === renewal.epoch && !grant.revoked) return this.#granted();
        if (grant !== null && grant.epoch > renewal.epoch && !grant.revoked) return { kind: 'regranted' };
        return { kind: 'over', reason: 'its grant has ended' };
      },
      claim: async (renewal, { signal }) => {
        this.claims.push({ ...renewal, atBootMs: this.clock.bootMs() });
        await this.#answer(signal);
        return this.words(renewal);
      },
      report: async (report, { signal }) => {
        await this.#answer(signal);
        this.reports.set(report.service, report);
      },
    };
  }

  #granted(): RenewalAnswer {
    this.leaseVersion += 1;
    return { kind: 'renewed', version: this.leaseVersion, peers: this.peers };
  }

  answer(): AgentGoals {
    const { generation, revision } = this;
    return { cluster: 'test', generation, revision, goals: [...this.goals.values()] };
  }

  async #answer(signal: AbortSignal): Promise<void> {
    if (this.line === 'down') throw new Error('no prober answers');
    if (this.line === 'silent') await this.clock.sleep(Number.MAX_SAFE_INTEGER, { signal });
  }
}

const GOAL: AgentGoal = {
  ...{ service: 'web', node: 'a', generation: 1, grant: null, order: null, lease: LEASE },
  ...{ onStoreLoss: 'selfFence', actions: RUN },
};

const DONE: Awaited<ReturnType<RunCommand>> = {
  ...{ kind: 'exited', exitCode: 0, signal: null, stdout: '', output: '', reason: 'exit code 0' },
  ...{ durationMs: 1, lingering: null },
};

export function order(action: AgentOrder['action'], epoch: number, step: number, generation = 1): AgentOrder {
  const place = { cluster: 'test', service: 'web', node: 'a', generation, epoch, step };
  return { action, context: { ...place, opId: 'op', from: null, to: 'a' }, timeoutMs: 20_000, env: {} };
}
