// A world in which agents run the service: three probers with etcd, two nodes with an agent and a keeper each, a witness. Nothing
// can fence: a stop or a lease that has run out is all the proof there is.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ApiClient, createApiClient } from '../../../src/cli/api-client.ts';
import type { StatusAnswer } from '../../../src/cli/render-status.ts';
import type { ServiceStatus } from '../../../src/controller/read-model.ts';
import type { Why } from '../../../src/controller/read-why.ts';
import type { CommandReply, MachineCommand } from '../../../src/failover/machine-command.ts';
import { untilAccepted } from '../../e2e/support/until-accepted.ts';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { createAuthority } from '../../support/servers/certificates.ts';
import { agentConfigText, agentFileText } from './agent-config.ts';
import { etcdArguments } from './etcd-arguments.ts';
import { HostProcesses } from './host-processes.ts';
import { mainAddress, NODES, type NodeName, PROBERS, SERVICE } from './hosts.ts';
import { makeMemoryFolder, removeMemoryFolder } from './memory-folder.ts';
import { mendService } from './mend-service.ts';
import { inNamespace } from './namespaces.ts';
import { Network } from './network.ts';
import { runProgram } from './run-program.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const WITNESS = fileURLToPath(new URL('./witness-process.ts', import.meta.url));
const INSTANCE = fileURLToPath(new URL('./instance-process.ts', import.meta.url));
const READY_MS = 60_000;

export class AgentWorld implements AsyncDisposable {
  readonly directory: string;
  readonly network: Network;
  readonly #processes: HostProcesses;

  private constructor(directory: string, network: Network) {
    this.directory = directory;
    this.network = network;
    this.#processes = new HostProcesses(directory);
  }

  /** Everything runs, and node `a` is active. */
  static async running(): Promise<AgentWorld> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), 'oneup-agents-')));
    const network = await Network.create({ log: join(directory, 'network.log') });
    const world = new AgentWorld(directory, network);
    try {
      await world.#begin();
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    this.#processes.start('witness', { host: 'witness', argv: [process.execPath, WITNESS, this.path('witness.log')] });
    const authority = createAuthority();
    writeFileSync(this.path('ca.pem'), authority.ca);
    for (const prober of PROBERS) {
      makeMemoryFolder(this.path(prober));
      const { cert, key } = authority.certify(PROBERS.map((id) => `IP:${mainAddress(id)}`));
      writeFileSync(this.path(prober, 'cert.pem'), cert);
      writeFileSync(this.path(prober, 'key.pem'), key, { mode: 0o600 });
      writeFileSync(this.path(prober, 'oneup.yaml'), agentConfigText([process.execPath, INSTANCE]));
      const argv = ['etcd', ...etcdArguments(prober, this.path(prober, 'etcd'))];
      this.#processes.start(`etcd-${prober}`, { host: prober, argv, isSupervised: true });
    }
    await waitUntil('the cluster to be made', () => this.oneup('init') !== null, READY_MS);
    for (const prober of PROBERS) {
      const argv = [process.execPath, MAIN, 'run', '--prober', prober];
      this.#processes.start(prober, { host: prober, argv, cwd: this.path(prober), isSupervised: true });
    }
    await waitUntil('the probers to be ready', () => this.#isReady(), READY_MS);
    for (const node of NODES) {
      mkdirSync(this.path(node));
      const asked = { agent: node, note: '', expiresAfterMs: null };
      // One whose answer was lost is a token that nobody uses.
      const { token } = await waitUntil(`a token for ${node}`, () =>
        this.api().post<{ readonly token: string }>('/v1/tokens', asked),
      );
      writeFileSync(this.path(node, 'agent.yaml'), agentFileText(node, { token, ca: this.path('ca.pem') }));
      this.startAgent(node);
    }
    await waitUntil('both agents to be connected', async () => {
      const { nodes } = await this.service();
      return nodes.every(({ agent }) => agent?.isConnected);
    });
    await untilAccepted('the first start', () =>
      this.command({ kind: 'switchover', from: null, to: 'a', reason: 'first start' }),
    );
    await this.settled('a');
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  startAgent(node: NodeName): void {
    const argv = [process.execPath, MAIN, 'agent'];
    this.#processes.start(`agent-${node}`, { host: node, argv, cwd: this.path(node) });
  }

  signalAgent(node: NodeName, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#processes.signal(`agent-${node}`, signal);
  }

  killAgent(node: NodeName): Promise<void> {
    return this.#processes.kill(`agent-${node}`);
  }

  isAgentRunning(node: NodeName): boolean {
    return this.#processes.isRunning(`agent-${node}`);
  }

  /** What a command of the first prober prints; null when it fails. */
  oneup(...args: readonly string[]): string | null {
    const [program, argv] = inNamespace('p1', [process.execPath, MAIN, ...args]);
    try {
      return runProgram(program, argv, { cwd: this.path('p1') });
    } catch {
      return null;
    }
  }

  /** As the machine sees it, outside of every namespace; null when nothing of it is there. */
  instancePid(node: NodeName): number | null {
    return findProcess([INSTANCE, mainAddress(node)]);
  }

  keeperPid(node: NodeName): number {
    const pid = findProcess([this.path(node, 'state')]);
    if (pid === null) throw new Error(`Cannot find the keeper of ${node}`);
    return pid;
  }

  api(): ApiClient {
    return createApiClient(PROBERS.map((prober) => this.path(prober, 'var', prober, 'api.sock')));
  }

  service(): Promise<ServiceStatus> {
    return this.api().get<ServiceStatus>(`/v1/services/${SERVICE}`);
  }

  why(): Promise<Why> {
    return this.api().get<Why>(`/v1/services/${SERVICE}/why`);
  }

  command(command: MachineCommand): Promise<CommandReply> {
    return this.api().post<CommandReply>(`/v1/services/${SERVICE}/commands`, { actor: 'test', command });
  }

  async #isReady(): Promise<boolean> {
    const { cluster } = await this.api().get<StatusAnswer>('/v1/status');
    return cluster?.controller != null && cluster.probers.filter(({ isAlive }) => isAlive).length === PROBERS.length;
  }

  async settled(node: NodeName): Promise<void> {
    await waitUntil(
      `${node} to be active and everything at rest`,
      async () => {
        const status = await this.service();
        if (status.operation === null && status.tail === null && status.active === node) return true;
        throw new Error(`Not settled on ${node}: ${JSON.stringify(status)}`);
      },
      READY_MS,
    );
  }

  /** What a person does afterwards, with the commands of the product; nothing here was ever switched off. */
  async mend(): Promise<void> {
    await mendService({
      ready: async () => void (await waitUntil('the probers to be ready', () => this.#isReady(), READY_MS)),
      service: () => this.service(),
      command: (command) => this.command(command),
      powerUp: () => {},
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#processes.close();
    await this.network[Symbol.asyncDispose]();
    if (process.env.ONEUP_NET_KEEP !== undefined) return;
    for (const prober of PROBERS) removeMemoryFolder(this.path(prober));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The oldest program of Node whose command line has all of these words. */
function findProcess(words: readonly string[]): number | null {
  const found = readdirSync('/proc').find((name) => {
    const line = /^\d+$/.test(name) ? commandLine(name) : '';
    return line.startsWith(process.execPath) && words.every((word) => line.includes(`${word} `));
  });
  return found === undefined ? null : Number(found);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
