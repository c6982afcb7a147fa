// The agent of a node: asks any prober what its services should do, and tells what they do. Every service has an agent of its own;
// this is the line that they share, and the list of those that this node has (S14).
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { AgentGoal, AgentGoals, AgentJobs, AgentLink, AgentReport } from '../ports/agent-link.ts';
import type { Keeper, KeeperHello } from '../ports/keeper.ts';
import type { Logger } from '../ports/logger.ts';
import type { RunCommand } from '../ports/run-command.ts';
import { ServiceAgent } from './service-agent.ts';
import type { PublishState } from './state-file.ts';
import { compareGenerations, type StepMemory } from './step-memory.ts';

export type AgentDeps = {
  readonly cluster: string;
  /** Another for every start of the process. */
  readonly agentRun: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly link: AgentLink;
  readonly keeper: Keeper;
  readonly memory: StepMemory;
  readonly runCommand: RunCommand;
  readonly parentEnv: Readonly<Record<string, string>>;
  /** Says to others on this machine what it is; nothing here waits for it or rests on it. */
  readonly publish?: PublishState;
  /** What its report says of the jobs of a service [nothing]. */
  readonly jobsOf?: (service: ServiceId) => AgentJobs | null;
  readonly signal: AbortSignal;
};

/** Pause after a call that nobody answered. */
const RETRY_MS = 500;
/** A report is told again this often: the prober that held it may be gone. */
const REPEAT_MS = 5_000;
const HELLO_MS = 2_000;

/** Resolves when the signal aborts, with every service as it is: the keeper ends what nobody renews. Never rejects. */
export async function runAgent(deps: AgentDeps): Promise<void> {
  const services = new Map<ServiceId, ServiceAgent>();
  let turn = Promise.withResolvers<void>();
  // Below every revision: the first answer comes at once.
  let revision = -1;
  const publish = () => {
    // Half of the services would say that the others are gone; and after the end the word of before holds while its lease does.
    if (revision < 0 || deps.signal.aborted) return;
    deps.publish?.(Object.fromEntries([...services].map(([id, agent]) => [id, agent.state()])));
  };
  const tell = () => {
    publish();
    turn.resolve();
  };
  const helloQuietly = quietHello(deps);
  const stopExits = deps.keeper.onExit((service, exit) => services.get(service)?.exited(exit));
  const reporting = reportAlways(deps, services, () => {
    turn = Promise.withResolvers<void>();
    return turn.promise;
  });
  while (!deps.signal.aborted) {
    const goals = await askGoals(deps, revision);
    const standing = goals === null ? 'refused' : await follow(deps, goals);
    if (standing === 'newer') revision = -1;
    // Answers of two probers may overtake each other: what is older than what was seen in this generation counts for nothing.
    if (goals === null || standing === 'refused' || goals.revision < revision) await pause(deps, RETRY_MS);
    else if (await take(deps, services, { goals, tell, publish, hello: helloQuietly })) {
      revision = goals.revision;
      publish();
    }
  }
  for (const agent of services.values()) agent.end();
  tell();
  stopExits();
  await reporting;
}

async function askGoals({ link, cluster, logger, signal }: AgentDeps, after: number): Promise<AgentGoals | null> {
  try {
    const goals = await link.goals({ after, signal });
    if (goals.cluster === cluster) return goals;
    logger.error({ cluster: goals.cluster }, 'the prober belongs to another cluster');
  } catch (error) {
    if (!signal.aborted) logger.warn({ err: error }, 'no prober says what to do; the leases here run on');
  }
  return null;
}

/** Goals are taken of one store only: the one of the highest generation that this node has seen, which it never forgets (S4). */
async function follow(
  { memory, logger }: AgentDeps,
  { generation }: AgentGoals,
): Promise<'same' | 'newer' | 'refused'> {
  const known = memory.generation();
  const standing = compareGenerations(known, generation);
  try {
    if (standing === 'newer') await memory.enter(generation);
    if (standing === 'newer' || standing === 'same') return standing;
    const code = standing === 'foreign' ? 'ONEUP_STORE_FOREIGN' : 'ONEUP_STORE_WENT_BACK';
    const what = standing === 'foreign' ? 'another store of the same generation' : `generation ${known?.number}`;
    throw new OneupError(
      code,
      `Cannot do what the store says: this node has followed ${what}, value was generation ${generation.number}`,
      { remedy: 'If this store is the one to go on with, run oneup recover: its next generation is above both' },
    );
  } catch (error) {
    logger.error({ err: error }, 'nothing is done here for the store that a prober speaks for');
    return 'refused';
  }
}

type Told = {
  readonly goals: AgentGoals;
  readonly tell: () => void;
  readonly publish: () => void;
  readonly hello: () => Promise<KeeperHello>;
};

/** False when it could not be taken in, and is to be asked for again. */
async function take(deps: AgentDeps, services: Map<ServiceId, ServiceAgent>, told: Told): Promise<boolean> {
  const unknown: AgentGoal[] = [];
  // Those that are known first: they need no keeper to learn that they have to stop.
  for (const goal of told.goals.goals) {
    const known = services.get(goal.service);
    if (known === undefined) unknown.push(goal);
    else known.goal = goal;
  }
  return unknown.length === 0 || (await begin(deps, services, { ...told, unknown }));
}

type Unknown = Told & { readonly unknown: readonly AgentGoal[] };

async function begin(deps: AgentDeps, services: Map<ServiceId, ServiceAgent>, told: Unknown): Promise<boolean> {
  try {
    const hello = await told.hello();
    for (const goal of told.unknown) {
      const { service } = goal;
      const own = { service, bootId: hello.bootId, onChange: told.tell, onRenewed: told.publish };
      services.set(service, new ServiceAgent({ ...deps, ...own }, goal, { hello }));
    }
    told.tell();
    return true;
  } catch (error) {
    const names = told.unknown.map(({ service }) => service);
    deps.logger.error(
      { err: error, services: names },
      'the keeper does not answer; nothing is done for these services',
    );
    await pause(deps, RETRY_MS);
    return false;
  }
}

/** What the keeper has, unless an end was told while it answered, which nobody here would know of. */
function quietHello({ keeper, clock }: AgentDeps): () => Promise<KeeperHello> {
  return async () => {
    const call = new AbortController();
    const deadline = clock.timer(HELLO_MS, () => call.abort());
    let exits = 0;
    const stop = keeper.onExit(() => {
      exits += 1;
    });
    try {
      const hello = await keeper.hello({ signal: call.signal });
      return exits === 0 ? hello : await keeper.hello({ signal: call.signal });
    } finally {
      stop();
      deadline.stop();
    }
  };
}

/** Tells what changed at once, everything again after a while, and until it was heard. */
async function reportAlways(
  deps: AgentDeps,
  services: ReadonlyMap<ServiceId, ServiceAgent>,
  nextChange: () => Promise<void>,
): Promise<void> {
  const told = new Map<ServiceId, string>();
  while (!deps.signal.aborted) {
    const changed = nextChange();
    let isHeard = true;
    for (const [service, agent] of services) {
      const report = agent.report();
      const text = JSON.stringify(report);
      if (told.get(service) === text) continue;
      if (await send(deps, report)) told.set(service, text);
      else isHeard = false;
    }
    const rest = new AbortController();
    const repeated = pauseUntil(deps, isHeard ? REPEAT_MS : RETRY_MS, rest.signal).then((isOver) => {
      if (isOver && isHeard) told.clear();
    });
    await Promise.race([changed, repeated]);
    rest.abort();
  }
}

async function send({ link, clock, logger, signal }: AgentDeps, report: AgentReport): Promise<boolean> {
  const call = new AbortController();
  const deadline = clock.timer(REPEAT_MS, () => call.abort());
  try {
    await link.report(report, { signal: AbortSignal.any([signal, call.signal]) });
    return true;
  } catch (error) {
    if (!signal.aborted) logger.debug({ err: error, service: report.service }, 'the report was not heard');
    return false;
  } finally {
    deadline.stop();
  }
}

async function pause({ clock, signal }: AgentDeps, ms: number): Promise<void> {
  await clock.sleep(ms, { signal }).catch(() => undefined);
}

/** Whether the time is over; false when something came before. */
async function pauseUntil({ clock, signal }: AgentDeps, ms: number, rest: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, { signal: AbortSignal.any([signal, rest]) }).then(
    () => true,
    () => false,
  );
}
