// A cluster of real prober processes and real instances in a directory of its own. Everything that it starts is ended by
// process id when it is disposed; what two active nodes at once would leave behind is looked for then, in every test.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from '../../../src/cli/api-client.ts';
import type { StatusAnswer } from '../../../src/cli/render-status.ts';
import type { Endpoint } from '../../../src/config/config.ts';
import type { ServiceStatus } from '../../../src/controller/read-model.ts';
import type { OperationWhy, Why } from '../../../src/controller/read-why.ts';
import type { CommandReply, MachineCommand } from '../../../src/failover/machine-command.ts';
import type { HistoryEntry } from '../../../src/failover/machine-effect.ts';
import { addressesAt } from './ask-server.ts';
import {
  applyChanges,
  type Change,
  HTTP_PORT,
  type Network,
  type NodeName,
  PROBERS,
  type ProberName,
  REFERENCE_PORT,
  SERVICE,
  writeClusterFiles,
} from './cluster-files.ts';
import { endProcessesIn } from './end-processes.ts';
import { failureReport } from './failure-report.ts';
import { type ProberProcess, startProberProcess } from './prober-run.ts';
import { type CommandResult, runOneup } from './run-oneup.ts';
import { type Place, takeNetwork } from './take-network.ts';
import { untilAccepted } from './until-accepted.ts';
import { tellWhenGivenUp, waitUntil } from './wait-until.ts';

type Env = Readonly<Record<string, string>>;

export type ClusterOptions = {
  readonly changes?: readonly Change[];
  /** Writes addresses of this cluster into its configuration, after the changes. */
  readonly fill?: (text: string, network: Network) => string;
  /** Probers run with fault points, see fault-point.ts. */
  readonly hasFaultPoints?: boolean;
  /** For every process, the command line too. */
  readonly env?: Env;
  /** Who answers for the record, in place of the probers. */
  readonly nameServer?: Endpoint;
  /** For what may take as long as a TTL. */
  readonly patienceMs?: number;
};

/** As every prober sees the world unless told otherwise. */
export const TRUE_SIGHT: Env = { CHECK_PORT: String(HTTP_PORT), REFERENCE_PORT: String(REFERENCE_PORT) };

/** A change that does not fit ends here, and leaves nothing that keeps the test alive. */
async function filesOf({ network, reference }: Place, { changes = [], fill }: ClusterOptions): Promise<string> {
  try {
    return writeClusterFiles(network, changes, fill);
  } catch (error) {
    await new Promise((resolve) => reference.close(resolve));
    throw error;
  }
}

export class Cluster {
  readonly directory: string;
  readonly network: Network;
  readonly #options: ClusterOptions;
  readonly patienceMs: number | undefined;
  readonly #probers = new Map<ProberName, ProberProcess>();
  readonly #reference: Server;
  readonly #report: Disposable;

  private constructor(directory: string, options: ClusterOptions, { network, reference }: Place) {
    this.directory = directory;
    this.network = network;
    this.#options = options;
    this.patienceMs = options.patienceMs;
    this.#reference = reference;
    this.#report = tellWhenGivenUp(() => failureReport(this, { actions: this.actions().join('\n') }));
  }

  /** Initialised, nothing running. */
  static async create(options: ClusterOptions = {}): Promise<Cluster> {
    const place = await takeNetwork();
    const cluster = new Cluster(await filesOf(place, options), options, place);
    const { code, stderr } = await cluster.oneup('init');
    if (code !== 0) await cluster[Symbol.asyncDispose]();
    assert.equal(code, 0, stderr);
    return cluster;
  }

  /** Three probers that vote, and node `a` active. */
  static async running(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = await Cluster.create(options);
    try {
      await cluster.begin();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts the probers, and the service on node `a`. */
  async begin(): Promise<void> {
    for (const prober of PROBERS) this.start(prober);
    await this.ready();
    await this.accepted({ kind: 'switchover', from: null, to: 'a', reason: 'first start' });
    await this.settled('a');
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  start(prober: ProberName, env: Env = {}, args: readonly string[] = []): ProberProcess {
    const started = startProberProcess(prober, {
      directory: this.directory,
      args,
      env: { ...TRUE_SIGHT, ...this.#options.env, ...env },
      hasFaultPoints: this.#options.hasFaultPoints === true,
    });
    this.#probers.set(prober, started);
    return started;
  }

  /** Starts every prober again that has ended. */
  startDead(): void {
    for (const [prober, found] of this.#probers) if (!found.isRunning()) this.start(prober);
  }

  prober(prober: ProberName): ProberProcess {
    const found = this.#probers.get(prober);
    if (found === undefined) throw new RangeError(`Cannot find prober ${prober}: it was not started`);
    return found;
  }

  /** As they are now: whoever is started again later is another process. */
  processes(): readonly { readonly prober: ProberName; readonly process: ProberProcess }[] {
    return [...this.#probers].map(([prober, process]) => ({ prober, process }));
  }

  /** Stopped by `signal` and started again, perhaps with other eyes. */
  async restart(prober: ProberName, env: Env = {}, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.prober(prober).end(signal);
    this.start(prober, env);
    await this.ready();
  }

  oneup(...argv: readonly string[]): Promise<CommandResult> {
    return runOneup({ directory: this.directory, env: { ...TRUE_SIGHT, ...this.#options.env } }, argv);
  }

  api(...probers: readonly ProberName[]): ApiClient {
    // A stopped process takes connections and never answers.
    const known = new Set([...PROBERS, ...this.#probers.keys()]);
    const awake = [...known].filter((prober) => this.#probers.get(prober)?.isStopped() !== true);
    const asked = probers.length === 0 ? awake : probers;
    return createApiClient(asked.map((prober) => this.path('var', prober, 'api.sock')));
  }

  #awake(): readonly ProberName[] {
    const awake = [...this.#probers].filter(([, found]) => found.isRunning() && !found.isStopped());
    return awake.map(([prober]) => prober);
  }

  #ask(prober: ProberName | undefined): ApiClient {
    return this.api(...(prober === undefined ? [] : [prober]));
  }

  status(prober?: ProberName): Promise<StatusAnswer> {
    return this.#ask(prober).get<StatusAnswer>('/v1/status');
  }

  service(prober?: ProberName): Promise<ServiceStatus> {
    return this.#ask(prober).get<ServiceStatus>(`/v1/services/${SERVICE}`);
  }

  why(): Promise<Why> {
    return this.api().get<Why>(`/v1/services/${SERVICE}/why`);
  }

  /** What `why` says of the last or running operation. */
  async operation(): Promise<OperationWhy> {
    const { operation } = await this.why();
    assert.ok(operation !== null, 'there must be an operation');
    return operation;
  }

  history(prober?: ProberName): Promise<readonly HistoryEntry[]> {
    return this.#ask(prober).get<readonly HistoryEntry[]>(`/v1/services/${SERVICE}/history`);
  }

  async controller(asked?: ProberName): Promise<ProberName | null> {
    const name = (await this.status(asked)).cluster?.controller?.prober;
    return [...this.#probers.keys()].find((prober) => prober === name) ?? null;
  }

  /** Sent without the command line, which has tests of its own. */
  command(command: MachineCommand, prober?: ProberName): Promise<CommandReply> {
    return this.#ask(prober).post<CommandReply>(`/v1/services/${SERVICE}/commands`, { actor: 'test', command });
  }

  /** Sent until it is accepted, since a cluster whose controller changes refuses for a moment; fails with the last refusal. */
  accepted(command: MachineCommand, prober?: ProberName): Promise<CommandReply> {
    return untilAccepted(command.kind, () => this.command(command, prober));
  }

  /** Every started prober votes and one of them is the controller. */
  async ready(): Promise<void> {
    await waitUntil('the probers to be ready', async () => {
      const { cluster } = await this.status();
      const alive = cluster?.probers.filter((prober) => prober.isAlive) ?? [];
      const wanted = [...this.#probers.values()].filter((prober) => prober.isRunning());
      return cluster?.controller != null && alive.length === wanted.length;
    });
  }

  /** `node` is active, nothing is going on, every server that runs names it, and the other node is seen down by all who look. */
  async settled(node: NodeName): Promise<ServiceStatus> {
    const look = async (): Promise<ServiceStatus> => {
      const status = await this.service();
      const isQuiet = status.operation === null && status.tail === null && status.active === node;
      const others = status.nodes.filter((other) => other.node !== node && other.answering.length > 0);
      const answers = await this.answers(this.#awake());
      const isNamed = answers.every((answer) => answer === this.network.nodes[node]);
      if (isQuiet && others.length === 0 && isNamed) return status;
      throw new Error(`Not settled on ${node} (${this.network.nodes[node]}): ${JSON.stringify({ status, answers })}`);
    };
    return await waitUntil(`${node} to be active and everything at rest`, look, this.patienceMs);
  }

  /** What the name servers answer, in the order of the probers. */
  answers(probers: readonly ProberName[] = PROBERS): Promise<readonly string[]> {
    return Promise.all(probers.map((prober) => addressesAt(this.#options.nameServer ?? this.network.dns[prober])));
  }

  /** Changes the configuration file that all probers share. */
  editConfig(...changes: readonly Change[]): void {
    const file = this.path('oneup.yaml');
    writeFileSync(file, applyChanges(readFileSync(file, 'utf8'), changes));
  }

  /** Makes an action of a node misbehave, or behave again with null. */
  setMode(action: string, node: NodeName, mode: string | null): void {
    if (mode === null) rmSync(this.path('mode', `${action}-${node}`), { force: true });
    else writeFileSync(this.path('mode', `${action}-${node}`), mode);
  }

  /** Lines that the scripts wrote: `begin start b <epoch> <step> <operation>`. */
  actions(prefix = ''): readonly string[] {
    const lines = readFileSync(this.path('actions.log'), 'utf8').split('\n');
    return lines.filter((line) => line !== '' && line.startsWith(prefix));
  }

  instancePid(node: NodeName): number | null {
    const path = this.path(`pid-${node}`);
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : null;
  }

  killInstance(node: NodeName): void {
    const pid = this.instancePid(node);
    assert.ok(pid !== null, `an instance must run on ${node}`);
    process.kill(pid, 'SIGKILL');
  }

  /** Lines that instances wrote when they met another one: there must never be any (I1). */
  overlaps(): string {
    return existsSync(this.path('overlaps.log')) ? readFileSync(this.path('overlaps.log'), 'utf8') : '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#report[Symbol.dispose]();
    await Promise.all([...this.#probers.values()].map((prober) => prober.end('SIGKILL')));
    await endProcessesIn(this.directory);
    await new Promise((resolve) => this.#reference.close(resolve));
    const overlaps = this.overlaps();
    rmSync(this.directory, { recursive: true, force: true });
    assert.equal(overlaps, '', 'two instances ran at the same time');
  }
}
