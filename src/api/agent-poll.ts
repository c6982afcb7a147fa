// The long poll for goals: answers at once when something has changed since the agent asked last, else as soon as something
// does, and after a while anyway, so that nothing rests on a notification that was lost (S6).
import type { Clock } from '../base/clock.ts';
import type { AgentGoals } from '../ports/agent-link.ts';
import { requireNotBehind } from './agent-ahead.ts';
import { readGoals } from './agent-goals.ts';
import { type AgentSource, type Place, requireCluster } from './agent-source.ts';
import { awaitSource } from './await-source.ts';
import type { Caller } from './token-gate.ts';

export type AgentPollOptions = {
  readonly clock: Clock;
  readonly source: () => AgentSource;
  readonly holdMs: number;
  /** Rejects when the caller may not be answered any more. */
  readonly recheck: (source: AgentSource, caller: Caller) => Promise<void>;
};

export type GoalsCall = Place & {
  readonly after: number;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  /** Tells the agent that it is still waited with. */
  readonly beat: () => void;
};

/** A few of them before an agent takes the way for cut. */
const BEAT_MS = 1_000;

export class AgentPoll {
  readonly #options: AgentPollOptions;

  constructor(options: AgentPollOptions) {
    this.#options = options;
  }

  /** Rejects with ONEUP_AGENT_DENIED, with what the store says, or with the signal's reason. */
  async answer(call: GoalsCall): Promise<AgentGoals> {
    const { clock, holdMs, recheck } = this.#options;
    const untilMonoMs = clock.monotonicMs() + holdMs;
    const first = await awaitSource(this.#options, call);
    const answered = await this.#look(first, call, untilMonoMs);
    if (answered !== null) return answered;
    const source = await awaitSource(this.#options, call);
    await recheck(source, call.caller);
    return (await this.#read(source, call)).goals;
  }

  /** null: waited, and now it is time to look again. */
  async #look(source: AgentSource, call: GoalsCall, untilMonoMs: number): Promise<AgentGoals | null> {
    const woken = new AbortController();
    // Before the store is read, so that nothing falls between.
    const stop = listen(source, call.caller, () => woken.abort(new Error('something has changed')));
    try {
      const { goals, changedAt } = await this.#read(source, call);
      if (changedAt > call.after) return goals;
      await this.#wait(source, { ...call, signal: AbortSignal.any([woken.signal, call.signal]) }, untilMonoMs);
      call.signal.throwIfAborted();
      return null;
    } finally {
      stop();
    }
  }

  async #read(source: AgentSource, call: GoalsCall): ReturnType<typeof readGoals> {
    requireCluster(source, call);
    const found = await readGoals(source, call.caller.agent);
    await requireNotBehind(source, call.caller, { known: call.generation, current: found.goals.generation });
    return found;
  }

  async #wait(source: AgentSource, { beat, signal }: GoalsCall, untilMonoMs: number): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const leftMs = untilMonoMs - clock.monotonicMs();
      if (leftMs <= 0) return;
      await clock.sleep(Math.min(leftMs, BEAT_MS), { signal }).catch(() => undefined);
      beat();
      // A copy of the records that is followed no more tells of nothing: the store was opened anew, or begun anew (S4).
      if (!this.#isCurrent(source)) return;
    }
  }

  #isCurrent({ view }: AgentSource): boolean {
    try {
      return this.#options.source().view === view;
    } catch {
      return false;
    }
  }
}

/** Everything on which the answer rests, and the token itself. */
function listen({ view, keys, nodesOf }: AgentSource, { agent, tokenId }: Caller, wake: () => void): () => void {
  const own = nodesOf(agent).flatMap(({ service, node }) => [keys.grant(service), keys.goal(service, node)]);
  const stops = [keys.meta, keys.config, keys.token(tokenId), ...own].map((key) => view.onChange(key, wake));
  return () => {
    for (const stop of stops) stop();
  };
}
