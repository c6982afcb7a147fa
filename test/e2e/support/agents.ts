// Agents on the two nodes of a test cluster, with keepers of their own, which start and stop the service in place of scripts: real
// `oneup agent` processes, or inside of probers.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { NodeState, ServiceState } from '../../../src/ports/node-state.ts';
import { Cluster } from './cluster.ts';
import { type Change, INSTANCE, NODES, type NodeName, type ProberName, SERVICE } from './cluster-files.ts';
import type { ProberProcess } from './prober-run.ts';
import { MAIN } from './run-oneup.ts';
import { waitUntil } from './wait-until.ts';

const API_PORT = 17_800;
/** L, as short as it can be where agents, keepers and probers share two busy cores. */
export const LEASE_MS = 5_000;
/** For tests in which nothing stands still: no lease runs out there, also while an agent is started again. */
export const LONG_LEASE_MS = 12_000;
export const LONG_LEASE: Change = [`lease: ${LEASE_MS}ms`, `lease: ${LONG_LEASE_MS}ms`];
const STOP_MS = 300;

/** Whatever the probers agree on, a service without a renewal goes (S37). */
export const SELF_FENCE: Change = [`stopTimeout: ${STOP_MS}ms`, `stopTimeout: ${STOP_MS}ms, onStoreLoss: selfFence`];

/** The service is the agents' own; no device can fence anybody, so only a stop or a lease proves anything. */
const BY_AGENTS: readonly Change[] = [
  ...['start', 'stop'].map((action): Change => [actionLine(action, action === 'start' ? 20 : 15), '']),
  [fenceLines(), ''],
  [
    '    failover:',
    `    agent: { run: { command: [${process.execPath}, ${INSTANCE}, "{address}", TOKEN, "{node.id}"], cwd: . }, lease: ${LEASE_MS}ms, stopTimeout: ${STOP_MS}ms }\n    failover:`,
  ],
];

function actionLine(action: string, seconds: number): string {
  return `      ${action}: { exec: { command: [./act.sh] }, timeout: ${seconds}s }\n`;
}

function fenceLines(): string {
  return `      fence:
        - exec: { command: [./act.sh] }
          timeout: 5s
          confirm: { exec: { command: [./confirm.sh] }, offStates: ["off"], interval: 200ms }
`;
}

export type AgentPlace = {
  /** The agents of `a` and `b` run in the processes of p1 and p2 [each has a process of its own]. */
  readonly insideProbers?: boolean;
  /** Lines at the end of the file of each agent. */
  readonly jobs?: string;
  /** What single probers see otherwise. */
  readonly env?: Readonly<Partial<Record<ProberName, Readonly<Record<string, string>>>>>;
};

const PROBERS = ['p1', 'p2', 'p3'] as const;
const HOSTS = { a: 'p1', b: 'p2' } as const;

export class AgentCluster implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly #insideProbers: boolean;
  readonly #jobs: string;
  readonly #env: NonNullable<AgentPlace['env']>;
  readonly #agents = new Map<NodeName, ChildProcess>();

  private constructor(cluster: Cluster, { insideProbers = false, jobs = '', env = {} }: AgentPlace) {
    this.cluster = cluster;
    this.#env = env;
    this.#jobs = jobs;
    this.#insideProbers = insideProbers;
  }

  /** Probers and agents run, and node `a` is active. */
  static async running(changes: readonly Change[] = [], place: AgentPlace = {}): Promise<AgentCluster> {
    const listen = PROBERS.map((id): Change => [`{ id: ${id}, `, `{ id: ${id}, API_${id}, `]);
    const made = new AgentCluster(
      await Cluster.create({ changes: [...BY_AGENTS, ...listen, ...changes], fill: fillIn }),
      place,
    );
    try {
      await made.#begin();
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { cluster } = this;
    for (const prober of PROBERS) cluster.start(prober, this.#env[prober]);
    await cluster.ready();
    for (const node of NODES) {
      const { stdout, stderr, code } = await cluster.oneup('token', 'create', '--agent', node, '--json');
      assert.equal(code, 0, stderr);
      const { token } = JSON.parse(stdout) as { readonly token: string };
      writeFileSync(cluster.path(`token-${node}`), token, { mode: 0o600 });
      this.writeFile(node, `\${file:./token-${node}}`);
    }
    for (const node of NODES) {
      if (this.#insideProbers) await cluster.prober(HOSTS[node]).end('SIGTERM');
      this.start(node);
    }
    await this.connected();
    await this.#startFirst();
  }

  /** Leases of tests are short: on a busy machine one may run out before the first start is done, and then a person tries again. */
  async #startFirst(): Promise<void> {
    const { cluster } = this;
    await waitUntil('the first start', async () => {
      const { active, operation, nodes } = await cluster.service();
      if (active === 'a') return true;
      if (operation !== null) return false;
      for (const { node, failed } of nodes)
        if (failed !== null) await cluster.command({ kind: 'rejoin', node, reason: 'its start failed' });
      // Refused, because a rejoin goes on or the controller changes, it is sent again in the light of what is there then.
      const reply = await cluster.command({ kind: 'switchover', from: active, to: 'a', reason: 'first start' });
      if (reply.kind === 'refused') throw new Error(`Refused by ${reply.refusal.rule}: ${reply.refusal.reason}`);
      return false;
    });
    await cluster.settled('a');
  }

  /** Every prober that runs votes, and both agents are heard. */
  async connected(): Promise<void> {
    await this.cluster.ready();
    await waitUntil('both agents to be connected', async () => {
      const { nodes } = await this.cluster.service();
      return nodes.every(({ agent }) => agent?.isConnected);
    });
  }

  /** The file of an agent, with this token. An agent inside of a prober asks that one first. */
  writeFile(node: NodeName, token: string): void {
    const { dns } = this.cluster.network;
    const first = this.#insideProbers ? HOSTS[node] : 'p1';
    const order = [first, ...PROBERS.filter((id) => id !== first)];
    const probers = order.map((id) => `"http://${dns[id].host}:${API_PORT}"`).join(', ');
    const own = `token: ${token}\nstateDir: agent-${node}\n${this.#jobs}`;
    const text = `cluster: e2e\nagent: ${node}\nprobers: [${probers}]\n${own}`;
    writeFileSync(this.cluster.path(`agent-${node}.yaml`), text);
  }

  start(node: NodeName): void {
    if (this.#insideProbers) {
      this.cluster.start(HOSTS[node], this.#env[HOSTS[node]], ['--agent', `agent-${node}.yaml`]);
      return;
    }
    const output = openSync(this.cluster.path(`log-agent-${node}`), 'a');
    const child = spawn(process.execPath, [MAIN, 'agent', '-c', `agent-${node}.yaml`], {
      cwd: this.cluster.directory,
      env: process.env,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#agents.set(node, child);
  }

  /** What the agent has written for the commands of its node. */
  state(node: NodeName): ServiceState {
    const text = readFileSync(this.cluster.path(`agent-${node}/state.json`), 'utf8');
    return (JSON.parse(text) as NodeState).services[SERVICE] ?? assert.fail(`the agent knows no ${SERVICE}`);
  }

  log(node: NodeName): string {
    return readFileSync(this.cluster.path(`log-agent-${node}`), 'utf8');
  }

  signal(node: NodeName, signal: NodeJS.Signals): void {
    const pid = this.#insideProbers ? this.host(node).pid : this.#agents.get(node)?.pid;
    assert.ok(pid !== undefined, `an agent must run on ${node}`);
    process.kill(pid, signal);
  }

  /** The prober in whose process the agent of the node runs. */
  host(node: NodeName): ProberProcess {
    return this.cluster.prober(HOSTS[node]);
  }

  async kill(node: NodeName): Promise<void> {
    const child = this.#agents.get(node);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** The process of the service itself, as the machine sees it. `program`: how its command line begins. */
  instancePid(node: NodeName, program = `${process.execPath} ${INSTANCE}`): number | null {
    return processesOf(program, this.cluster.network.nodes[node], node).at(-1) ?? null;
  }

  keeperPid(node: NodeName): number {
    const [pid] = processesWith('keeper-process', this.cluster.path(`agent-${node}`));
    assert.ok(pid !== undefined, `a keeper must run on ${node}`);
    return pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of NODES) await this.kill(node);
    for (const pid of processesWith('keeper-process', `${this.cluster.directory}/`)) process.kill(pid, 'SIGKILL');
    await this.cluster[Symbol.asyncDispose]();
  }
}

function fillIn(text: string, { token, dns }: Cluster['network']): string {
  const filled = text.replaceAll('TOKEN', token);
  return PROBERS.reduce(
    (all, id) => all.replace(`API_${id}`, `api: { listen: ["${dns[id].host}:${API_PORT}"] }`),
    filled,
  );
}

/** Processes whose command line is a program with all of these words, oldest first. */
function processesWith(...words: readonly string[]): readonly number[] {
  return processesOf(process.execPath, ...words);
}

function processesOf(program: string, ...words: readonly string[]): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const line = commandLine(pid);
      // Not the tools that stand around it.
      return line.startsWith(program) && words.every((word) => line.includes(word));
    });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
