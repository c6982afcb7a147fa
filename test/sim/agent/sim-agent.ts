// The agent of a simulated node: the real one, in a process that can be killed and stopped, with a keeper and a memory of steps
// that outlive it.
import { runAgent } from '../../../src/agent/agent.ts';
import type { StepMemory, StepRecord } from '../../../src/agent/step-memory.ts';
import type { RunCommand } from '../../../src/ports/run-command.ts';
import { GENERATION } from '../sim-mark.ts';
import type { NodeAgent, SimNode } from '../sim-node.ts';
import type { AgentMachine, Life } from './agent-machine.ts';

const RUN_MS = { min: 20, max: 200 } as const;

export class SimAgent implements NodeAgent {
  readonly #node: SimNode;
  readonly #machine: AgentMachine;
  readonly #records = new Map<string, StepRecord>();
  #life: (Life & { readonly end: AbortController }) | null = null;

  constructor(node: SimNode, machine: AgentMachine) {
    this.#node = node;
    this.#machine = machine;
    this.#begin();
  }

  get isUp(): boolean {
    return this.#node.isPowered && this.#life?.clock.state === 'running';
  }

  /** It may still start something. */
  get isBusy(): boolean {
    const known = this.#records.get('web');
    return known?.action === 'start' && known.result === null;
  }

  ended(): void {
    this.#machine.keeper.ended();
  }

  /** The process is gone; its keeper and the service go on. */
  crash(): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    life.clock.kill();
    life.end.abort(new Error('the agent is dead'));
    this.#machine.later(() => this.#begin());
  }

  /** With the power go the service and its keeper too. */
  cutOff(): void {
    this.crash();
    this.#machine.keeper.reboot();
  }

  pause(): void {
    this.#life?.clock.stop();
  }

  resume(): void {
    this.#life?.clock.resume();
  }

  #begin(): void {
    if (this.#life !== null) return;
    if (!this.#node.isPowered) return this.#machine.later(() => this.#begin());
    const life = { ...this.#machine.open(), end: new AbortController() };
    this.#life = life;
    this.#machine.note(() => `AGENT ${this.#node.id} starts`);
    void runAgent({
      cluster: 'sim',
      agentRun: String(life.run),
      clock: life.clock,
      logger: this.#machine.logger,
      link: life.link,
      keeper: this.#machine.keeper,
      memory: this.#memory(life),
      runCommand: this.#runCommand(life),
      parentEnv: {},
      signal: life.end.signal,
    });
  }

  #runCommand({ clock }: Life): RunCommand {
    return async (_spec, { signal }) => {
      const durationMs = this.#machine.draw.between(RUN_MS.min, RUN_MS.max);
      const isOver = await clock.sleep(durationMs, { signal }).then(
        () => true,
        () => false,
      );
      const exitCode = isOver ? (this.#node.knobs.failsToSync ? 1 : 0) : null;
      const said = { signal: null, stdout: '', output: '', reason: `exit code ${exitCode}`, lingering: null };
      return { ...said, kind: isOver ? 'exited' : 'deadline', exitCode, durationMs };
    };
  }

  /** A disk: it outlives the process, and takes a moment. */
  #memory({ clock }: Life): StepMemory {
    return {
      generation: () => GENERATION,
      enter: async () => undefined,
      of: (service) => this.#records.get(service) ?? null,
      write: async (service, record) => {
        await new Promise<void>((resolve) => void clock.timer(1, () => resolve()));
        this.#records.set(service, record);
      },
    };
  }
}
