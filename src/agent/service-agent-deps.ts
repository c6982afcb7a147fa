// What the agent of one service works with: the clock, the lines to probers and keeper, its memory, and whom it tells.
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import type { AgentJobs, AgentLink } from '../ports/agent-link.ts';
import type { Keeper } from '../ports/keeper.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunCommand } from '../ports/run-command.ts';
import type { StepMemory } from './step-memory.ts';

export type ServiceAgentDeps = {
  readonly service: ServiceId;
  readonly agentRun: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly link: AgentLink;
  readonly keeper: Keeper;
  readonly memory: StepMemory;
  readonly runCommand: RunCommand;
  /** What programs need to be found and to speak, such as PATH. */
  readonly parentEnv: Readonly<Record<string, string>>;
  readonly jobsOf?: (service: ServiceId) => AgentJobs | null;
  /** What there is to tell has changed. */
  readonly onChange: () => void;
  /** The lease was renewed, which changes what others on this machine may rely on and is nothing to tell. */
  readonly onRenewed: () => void;
  readonly signal: AbortSignal;
};
