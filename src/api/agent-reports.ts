// Reports of agents: records of this prober's session that are there while the agent is. An agent that has not been heard of
// for a few seconds has none any more, unless another prober passed on a later one.
import type { Clock, Timer } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { AgentReport } from '../ports/agent-link.ts';
import type { Logger } from '../ports/logger.ts';
import type { Guard, Session, StoreEntry } from '../ports/store.ts';
import type { AgentSource } from './agent-source.ts';
import { parseSent } from './agent-wire.ts';
import { settleCommit } from './settle-commit.ts';

export type AgentReportsOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Throws while there is no store. */
  readonly source: () => AgentSource;
};

export type ReportCall = { readonly agent: string; readonly report: AgentReport; readonly signal: AbortSignal };

type Presence = {
  /** Requests under way. */
  open: number;
  timer: Timer | null;
  /** Each record that was written for this agent: the session it belongs to, and what it says. */
  readonly written: Map<string, Written>;
};

type Written = { readonly sessionId: string; readonly value: string };

/** From the end of the last request: a long poll follows the one before at once. */
const GONE_AFTER_MS = 5_000;
const RETRY_MS = 1_000;

export class AgentReports implements Disposable {
  readonly #options: AgentReportsOptions;
  readonly #present = new Map<string, Presence>();

  constructor(options: AgentReportsOptions) {
    this.#options = options;
  }

  /** The agent has asked something; call what this returns when it is answered. */
  enter(agent: string): () => void {
    const found = this.#present.get(agent) ?? { open: 0, timer: null, written: new Map<string, Written>() };
    this.#present.set(agent, found);
    found.open += 1;
    found.timer?.stop();
    found.timer = null;
    return () => {
      found.open -= 1;
      if (found.open === 0) this.#await(agent, found, GONE_AFTER_MS);
    };
  }

  /** Resolves when the store has it. Rejects with what the store says, or ONEUP_AGENT_UNANSWERED: then send the newest again. */
  async pass(source: AgentSource, { agent, report, signal }: ReportCall): Promise<void> {
    const { store, keys } = source;
    const session = source.session();
    if (session === null) throw unanswered('this prober has no session in the store');
    const key = keys.agent(report.service, report.node);
    const value = JSON.stringify(report);
    const entry = await store.get(key);
    if (signal.aborted) throw unanswered('the caller is gone');
    if (entry !== null && isLater(entry.value, report)) return;
    const isThere = entry?.value === value && entry.sessionId === session.id;
    if (!isThere && (await this.#write(source, { key, value, entry, session })) !== 'committed')
      throw unanswered('somebody else has written at the same time');
    this.#present.get(agent)?.written.set(key, { sessionId: session.id, value });
  }

  /**
   * After a reload, or a session that was lost: the agent is still here, and what it said last is its word until it says more.
   * Only where nobody else has spoken for it.
   */
  async repeat({ store, session: current, uniqueId }: AgentSource, agent: string): Promise<void> {
    const session = current();
    const written = this.#present.get(agent)?.written ?? new Map<string, Written>();
    for (const [key, { sessionId, value }] of written) {
      if (session === null || sessionId === session.id) continue;
      const guards: readonly Guard[] = [
        { kind: 'sessionAlive', sessionId: session.id },
        { kind: 'absent', key },
      ];
      const writes = [{ kind: 'put', key, value, sessionId: session.id }] as const;
      const { kind } = await settleCommit(store, { guards, writes, token: uniqueId() });
      if (kind === 'committed') written.set(key, { sessionId: session.id, value });
      else written.delete(key);
    }
  }

  /** The records vanish with the session of the prober. */
  [Symbol.dispose](): void {
    for (const { timer } of this.#present.values()) timer?.stop();
    this.#present.clear();
  }

  async #write(
    { store, uniqueId }: AgentSource,
    given: {
      readonly key: string;
      readonly value: string;
      readonly entry: StoreEntry | null;
      readonly session: Session;
    },
  ): Promise<'committed' | 'conflict' | 'unknown'> {
    const { key, value, entry, session } = given;
    const guards: readonly Guard[] = [
      { kind: 'sessionAlive', sessionId: session.id },
      entry === null ? { kind: 'absent', key } : { kind: 'version', key, version: entry.version },
    ];
    const writes = [{ kind: 'put', key, value, sessionId: session.id }] as const;
    return (await settleCommit(store, { guards, writes, token: uniqueId() })).kind;
  }

  #await(agent: string, presence: Presence, ms: number): void {
    if (this.#present.get(agent) !== presence) return;
    presence.timer?.stop();
    presence.timer = this.#options.clock.timer(ms, () => {
      presence.timer = null;
      void this.#remove(agent, presence);
    });
  }

  async #remove(agent: string, presence: Presence): Promise<void> {
    try {
      const source = this.#options.source();
      for (const [key, { sessionId }] of presence.written) {
        if (presence.open > 0) return;
        await removeOwn(source, key, sessionId);
        presence.written.delete(key);
      }
      if (presence.open === 0) this.#present.delete(agent);
    } catch (error) {
      this.#options.logger.debug({ err: error, agent }, 'the report of an agent that is gone cannot be removed now');
      if (presence.open === 0) this.#await(agent, presence, RETRY_MS);
    }
  }
}

/** Only what this prober wrote: another one may speak for the agent by now. */
async function removeOwn({ store, uniqueId }: AgentSource, key: string, sessionId: string): Promise<void> {
  const entry = await store.get(key);
  if (entry === null || entry.sessionId !== sessionId) return;
  const guards = [{ kind: 'version', key, version: entry.version }] as const;
  const { kind } = await settleCommit(store, { guards, writes: [{ kind: 'delete', key }], token: uniqueId() });
  if (kind === 'unknown') throw unanswered('the store did not say whether it removed the report');
}

/** A report that took a detour must not replace one that the same agent sent after it. */
function isLater(text: string, report: AgentReport): boolean {
  const there = parseSent(text);
  if (there === null || there.agentRun !== report.agentRun) return false;
  for (const key of ['generation', 'epoch', 'step'] as const)
    if (there[key] !== report[key]) return there[key] > report[key];
  return false;
}

function unanswered(reason: string): OneupError {
  return new OneupError('ONEUP_AGENT_UNANSWERED', `Cannot pass the report on: ${reason}`, {
    remedy: 'The agent tries again by itself, here or at another prober',
  });
}
