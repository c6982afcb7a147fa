// The whole test: namespaces, etcd, probers, nodes, witness and fence device, every one a real process on its own network stack.
// The test stands outside and looks in through the Unix sockets of the probers; all of it is ended by process id.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ApiClient, createApiClient } from '../../../src/cli/api-client.ts';
import type { StatusAnswer } from '../../../src/cli/render-status.ts';
import type { ServiceStatus } from '../../../src/controller/read-model.ts';
import type { CommandReply, MachineCommand } from '../../../src/failover/machine-command.ts';
import { untilAccepted } from '../../e2e/support/until-accepted.ts';
import { tellWhenGivenUp, waitUntil } from '../../e2e/support/wait-until.ts';
import { etcdArguments } from './etcd-arguments.ts';
import { HostProcesses } from './host-processes.ts';
import { type HostName, NODES, type NodeName, PROBERS, type ProberName, SERVICE } from './hosts.ts';
import { makeMemoryFolder, removeMemoryFolder } from './memory-folder.ts';
import { mendService } from './mend-service.ts';
import { inNamespace, namespaceOf } from './namespaces.ts';
import { configText } from './net-config.ts';
import { Network } from './network.ts';
import { writeNodeFiles } from './node-scripts.ts';
import type { StoredRecord } from './read-records.ts';
import { runProgram } from './run-program.ts';
import { sshdArguments, writeSshFiles } from './ssh-access.ts';
import { ownWallClock, stepWallClock } from './wall-clock.ts';
import { worldReport } from './world-report.ts';

/** Namespaces, three members of etcd, three probers: a busy machine takes its time. */
const READY_MS = 60_000;

export type NetWorldOptions = {
  /** Each prober has a wall clock that can be stepped. */
  readonly hasOwnClocks?: boolean;
  /** The main network can be slow as well as lossy. */
  readonly canDelay?: boolean;
  /** The fence device says off and does nothing: a mutation that the checker must catch. */
  readonly isFenceIdle?: boolean;
};

export class NetWorld implements AsyncDisposable {
  readonly directory: string;
  readonly network: Network;
  readonly #processes: HostProcesses;
  readonly #options: NetWorldOptions;
  readonly #report: Disposable;

  private constructor(directory: string, network: Network, options: NetWorldOptions) {
    this.directory = directory;
    this.network = network;
    this.#processes = new HostProcesses(directory);
    this.#options = options;
    this.#report = tellWhenGivenUp(() => worldReport(this));
  }

  /** Everything runs, and node `a` is active. */
  static async running(options: NetWorldOptions = {}): Promise<NetWorld> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'oneup-net-')));
    const network = await Network.create({
      log: join(directory, 'network.log'),
      canDelay: options.canDelay === true,
    });
    const world = new NetWorld(directory, network, options);
    try {
      await world.#begin();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    writeSshFiles(this.directory);
    for (const node of NODES) writeNodeFiles(this.directory, node);
    this.#entry('witness', 'witness', ['witness-process.ts', this.path('witness.log')]);
    const inodes = NODES.map((node) => `${node}=${statSync(`/run/netns/${namespaceOf(node)}`).ino}`);
    const pretence = this.#options.isFenceIdle === true ? ['--idle'] : [];
    this.#entry('power', 'power', ['power-device-process.ts', this.path('power.log'), ...inodes, ...pretence]);
    for (const node of NODES) this.startSshd(node);
    for (const prober of PROBERS) {
      makeMemoryFolder(this.path(prober));
      writeFileSync(this.path(prober, 'oneup.yaml'), configText(this.directory));
      this.startEtcd(prober);
    }
    const [init, args] = inNamespace('p1', [process.execPath, entry('store-process.ts'), 'init']);
    runProgram(init, args, { cwd: this.path('p1') });
    for (const prober of PROBERS) this.startProber(prober);
    await this.ready();
    await untilAccepted('the first start', () =>
      this.command({ kind: 'switchover', from: null, to: 'a', reason: 'first start' }),
    );
    await this.settled('a');
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  startEtcd(prober: ProberName): void {
    const argv = ['etcd', ...etcdArguments(prober, this.path(prober, 'etcd'))];
    this.#processes.start(`etcd-${prober}`, { host: prober, argv, isSupervised: true });
  }

  startProber(prober: ProberName): void {
    const argv = [process.execPath, entry('prober-process.ts'), prober];
    const env = this.#options.hasOwnClocks === true ? ownWallClock(this.path(prober, 'clock')) : {};
    this.#processes.start(prober, { host: prober, argv, cwd: this.path(prober), env, isSupervised: true });
  }

  /** Probers and members of etcd that ended although nobody killed them, with the last that they said. */
  get endedByThemselves(): readonly string[] {
    return this.#processes.endedByThemselves.map((name) => {
      const said = this.log(name)
        .split('\n')
        .findLast((line) => /^\w*Error: |"fatal"|panic/.test(line));
      return `${name} ended by itself: ${said ?? 'it said nothing'}`;
    });
  }

  /** Steps the wall clock of a prober; the world must have been made with `hasOwnClocks`. */
  stepClock(prober: ProberName, offsetSeconds: number): void {
    stepWallClock(this.path(prober, 'clock'), offsetSeconds);
  }

  startSshd(node: NodeName): void {
    this.#processes.start(`sshd-${node}`, { host: node, argv: sshdArguments(this.directory, node) });
  }

  /** A prober, or another program by its name, such as `etcd-p1`. */
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#processes.signal(name, signal);
  }

  kill(name: string): Promise<void> {
    return this.#processes.kill(name);
  }

  isRunning(name: string): boolean {
    return this.#processes.isRunning(name);
  }

  /** A file of the test, empty when nobody has written it. */
  text(file: string): string {
    return existsSync(this.path(file)) ? readFileSync(this.path(file), 'utf8') : '';
  }

  log(name: string): string {
    return this.text(`log-${name}`);
  }

  /** Null also when it has ended without anybody cleaning up after it. */
  instancePid(node: NodeName): number | null {
    const file = this.path(`node-${node}`, 'instance');
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
    return pid !== null && existsSync(`/proc/${pid}`) ? pid : null;
  }

  /** The node comes up again after the fence device switched it off; whoever wants it back must say `rejoin`. */
  powerOn(node: NodeName): void {
    this.ask('power', [process.execPath, entry('power-client-process.ts'), 'on', node]);
    rmSync(this.path(`node-${node}`, 'instance'), { force: true });
    if (!this.isRunning(`sshd-${node}`)) this.startSshd(node);
  }

  /** Switched off, as the fence device wrote down. */
  isOff(node: NodeName): boolean {
    const words = this.text('power.log')
      .split('\n')
      .map((line) => line.split(' '));
    return words.findLast((line) => line[2] === node)?.[1] === 'ended';
  }

  /** What a program prints that runs in the namespace of a host. */
  ask(host: HostName, argv: readonly string[]): string {
    const [program, args] = inNamespace(host, argv);
    return runProgram(program, args).trim();
  }

  api(...probers: readonly ProberName[]): ApiClient {
    const asked = probers.length > 0 ? probers : PROBERS.filter((prober) => this.isRunning(prober));
    return createApiClient(asked.map((prober) => this.path(prober, 'var', prober, 'api.sock')));
  }

  service(...probers: readonly ProberName[]): Promise<ServiceStatus> {
    return this.api(...probers).get<ServiceStatus>(`/v1/services/${SERVICE}`);
  }

  async controller(...probers: readonly ProberName[]): Promise<ProberName | null> {
    const { cluster } = await this.api(...probers).get<StatusAnswer>('/v1/status');
    return PROBERS.find((prober) => prober === cluster?.controller?.prober) ?? null;
  }

  async term(): Promise<number | null> {
    const { cluster } = await this.api().get<StatusAnswer>('/v1/status');
    return cluster?.controller?.term ?? null;
  }

  command(command: MachineCommand, ...probers: readonly ProberName[]): Promise<CommandReply> {
    return this.api(...probers).post<CommandReply>(`/v1/services/${SERVICE}/commands`, { actor: 'test', command });
  }

  /** All probers vote and one of them is the controller. */
  async ready(): Promise<void> {
    await waitUntil('the probers to be ready', () => this.#isReady(), READY_MS);
  }

  async #isReady(): Promise<boolean> {
    const { cluster } = await this.api().get<StatusAnswer>('/v1/status');
    const alive = cluster?.probers.filter((prober) => prober.isAlive) ?? [];
    return cluster?.controller != null && alive.length === PROBERS.length;
  }

  /** `node` is active and nothing is going on, as `probers` tell. */
  async settled(node: NodeName, ...probers: readonly ProberName[]): Promise<ServiceStatus> {
    return await waitUntil(
      `${node} to be active and everything at rest`,
      async () => {
        const status = await this.service(...probers);
        if (status.operation === null && status.tail === null && status.active === node) return status;
        throw new Error(`Not settled on ${node}: ${JSON.stringify(status)}`);
      },
      READY_MS,
    );
  }

  /** All probers vote, and no operation is going on. */
  async atRest(): Promise<void> {
    await this.ready();
    await waitUntil(
      'every operation to end',
      async () => {
        const { operation, tail } = await this.service();
        if (operation === null && tail === null) return true;
        throw new Error(JSON.stringify({ operation, tail }));
      },
      READY_MS,
    );
  }

  /** Every record of the store. */
  dump(): readonly StoredRecord[] {
    const [program, args] = inNamespace('p1', [process.execPath, entry('store-process.ts'), 'dump']);
    return JSON.parse(runProgram(program, args, { cwd: this.path('p1') })) as readonly StoredRecord[];
  }

  /** The prober whose member of etcd the others follow, or null. */
  storeFirst(): ProberName | null {
    const said = this.ask('witness', [process.execPath, entry('etcd-first-process.ts')]);
    return PROBERS.find((prober) => prober === said) ?? null;
  }

  /** The service dies on a node, as a crash would have it. */
  killInstance(node: NodeName): void {
    const pid = this.instancePid(node);
    if (pid === null) throw new Error(`Cannot kill the instance on ${node}: there is none`);
    process.kill(pid, 'SIGKILL');
  }

  /** Whoever runs dies; nothing happens where nobody runs. */
  killActive(): void {
    for (const pid of NODES.map((node) => this.instancePid(node))) if (pid !== null) tryKill(pid);
  }

  /** What a person does after the storm: power on, failed nodes back, and somebody active. */
  async mend(): Promise<void> {
    await mendService({
      ready: () => this.ready(),
      service: () => this.service(),
      command: (command) => this.command(command),
      powerUp: () => {
        for (const node of NODES) if (this.isOff(node)) this.powerOn(node);
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#report[Symbol.dispose]();
    this.#processes.close();
    await this.network[Symbol.asyncDispose]();
    if (process.env.ONEUP_NET_KEEP !== undefined) return;
    for (const prober of PROBERS) removeMemoryFolder(this.path(prober));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #entry(name: string, host: HostName, [file, ...args]: readonly [string, ...string[]]): void {
    this.#processes.start(name, { host, argv: [process.execPath, entry(file), ...args] });
  }
}

function entry(file: string): string {
  return fileURLToPath(new URL(`./${file}`, import.meta.url));
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
