// The link of an agent to the probers over HTTPS: asks one, and the next when that one does not answer, and stays with whoever
// answered. Where each call was answered does not matter: every prober answers from the store (S14).
import { OneupError } from '../base/oneup-error.ts';
import { redact } from '../base/secret.ts';
import type { Endpoint } from '../config/config.ts';
import type { AgentGoals, AgentLink, AgentReport, ClaimAnswer, Renewal } from '../ports/agent-link.ts';
import { type ExchangeOptions, HttpsExchange } from './https-exchange.ts';
import { readClaim, readGoals, readProblem, readRenewal } from './read-answers.ts';

export type HttpsLinkOptions = ExchangeOptions & {
  /** Where the probers listen, in the order in which they are tried. */
  readonly probers: readonly Endpoint[];
  readonly cluster: string;
  /** The highest that this node has followed, as it remembers it at the start (S4). */
  readonly generation: AgentGoals['generation'] | null;
};

export type HttpsLink = AgentLink & Disposable;

/** Longer than the longest wait of a prober, and time for its answer. */
const POLL_TIMEOUT_MS = 15_000;
/** Several beats of a prober that waits with an answer, and longer than it waits for its store before. */
const QUIET_MS = 4_000;
/** Longer than a prober waits for its own store; the next one is asked then. */
const CALL_TIMEOUT_MS = 3_000;

export function createHttpsLink(options: HttpsLinkOptions): HttpsLink {
  const link = new Link(options);
  return {
    goals: (request) => link.goals(request),
    renew: (renewal, { signal }) => link.renew(renewal, signal),
    claim: (renewal, { signal }) => link.claim(renewal, signal),
    report: (report, { signal }) => link.report(report, signal),
    [Symbol.dispose]: () => link.end(),
  };
}

/** Index of the prober that answered last. */
type Favourite = { index: number };

type Asking<T> = {
  readonly path: string;
  readonly body: object;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly favourite: Favourite;
  /** null: no answer of a prober. */
  readonly read: (value: unknown) => T | null;
};

class Link {
  readonly #options: HttpsLinkOptions;
  readonly #exchange: HttpsExchange;
  readonly #over = new AbortController();
  /** Reports go where the long poll is: the prober that has it knows when the agent is gone. */
  readonly #polled: Favourite = { index: 0 };
  readonly #renewed: Favourite = { index: 0 };
  #generation: AgentGoals['generation'] | null;

  constructor(options: HttpsLinkOptions) {
    this.#options = options;
    // One that is known by its number alone cannot be told to a prober.
    this.#generation = options.generation?.id === '' ? null : options.generation;
    this.#exchange = new HttpsExchange(options);
  }

  async goals({ after, signal }: { readonly after: number; readonly signal: AbortSignal }): Promise<AgentGoals> {
    const goals = await this.#ask({
      path: '/v1/agent/goals',
      body: { after },
      timeoutMs: POLL_TIMEOUT_MS,
      signal,
      favourite: this.#polled,
      read: (value) => this.#acceptGoals(value),
    });
    this.#generation = goals.generation;
    return goals;
  }

  renew(renewal: Renewal, signal: AbortSignal): ReturnType<AgentLink['renew']> {
    return this.#ask({
      path: '/v1/agent/renew',
      body: { renewal },
      timeoutMs: CALL_TIMEOUT_MS,
      signal,
      favourite: this.#renewed,
      read: readRenewal,
    });
  }

  /** All at once, and each of them once: an answer that is not there in time is none (S37). */
  async claim(renewal: Renewal, signal: AbortSignal): Promise<readonly ClaimAnswer[]> {
    const asking = { path: '/v1/agent/claim', body: { renewal }, timeoutMs: CALL_TIMEOUT_MS, signal, read: readClaim };
    const { probers } = this.#options;
    const answers = await Promise.allSettled(probers.map((prober) => this.#askOne(prober, asking)));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  async report(report: AgentReport, signal: AbortSignal): Promise<void> {
    await this.#ask({
      path: '/v1/agent/report',
      body: { report },
      timeoutMs: CALL_TIMEOUT_MS,
      signal,
      favourite: { index: this.#polled.index },
      read: (value) => (value === null ? null : true),
    });
  }

  end(): void {
    this.#over.abort(new Error('the agent ends'));
    this.#exchange[Symbol.dispose]();
  }

  /** Goals of an older generation are of a store that was put back, and say what was true once (S4). */
  #acceptGoals(value: unknown): AgentGoals | null {
    const goals = readGoals(value);
    if (goals === null || goals.cluster !== this.#options.cluster) return null;
    const known = this.#generation;
    const { number, id } = goals.generation;
    const isOlder = known !== null && (number < known.number || (number === known.number && id !== known.id));
    return isOlder ? null : goals;
  }

  async #ask<T>(asking: Asking<T>): Promise<T> {
    const { probers } = this.#options;
    const first = asking.favourite.index;
    const failures: string[] = [];
    let denial: OneupError | null = null;
    for (let turn = 0; turn < probers.length; turn += 1) {
      const index = (first + turn) % probers.length;
      const prober = probers[index];
      if (prober === undefined || asking.signal.aborted) break;
      try {
        const answer = await this.#askOne(prober, asking);
        asking.favourite.index = index;
        return answer;
      } catch (error) {
        // The next call begins elsewhere, also when this one has no time left for another try.
        asking.favourite.index = (index + 1) % probers.length;
        if (error instanceof OneupError) denial ??= error;
        failures.push(`${prober.host} port ${prober.port}: ${this.#reasonOf(error)}`);
      }
    }
    // Who is not let in by one prober may be by another; only when nobody does is it the token.
    if (denial !== null) throw denial;
    const tried = failures.length === 0 ? 'there was no time to ask' : failures.join('; ');
    throw new OneupError('ONEUP_AGENT_UNANSWERED', `Cannot get an answer from a prober: ${tried}`);
  }

  async #askOne<T>(
    prober: Endpoint,
    { path, body, timeoutMs, signal, read }: Omit<Asking<T>, 'favourite'>,
  ): Promise<T> {
    const place = { cluster: this.#options.cluster, generation: this.#generation };
    const over = AbortSignal.any([signal, this.#over.signal]);
    const { status, value } = await this.#exchange.exchange({
      prober,
      path,
      body: { ...place, ...body },
      timeoutMs,
      quietMs: QUIET_MS,
      signal: over,
    });
    if (status === 200) {
      const answer = read(value);
      if (answer !== null) return answer;
      throw new Error('the answer is not one that this agent can use');
    }
    const { code, message, remedy } = readProblem(value);
    if (!DENIALS.has(status) || code !== 'ONEUP_AGENT_DENIED') throw new Error(`${code}: ${message}`);
    const options = remedy === undefined ? {} : { remedy: this.#clean(remedy) };
    throw new OneupError('ONEUP_AGENT_DENIED', this.#clean(message), options);
  }

  #reasonOf(error: unknown): string {
    return this.#clean(error instanceof Error ? error.message : String(error));
  }

  /** Nobody has a reason to send the token back; who does anyway must not find it in a log. */
  #clean(text: string): string {
    return redact(text, [this.#options.token]);
  }
}

/** 401 no or a wrong token, 403 not for this, 429 too many wrong ones. */
const DENIALS: ReadonlySet<number> = new Set([401, 403, 429]);
