// How `check-config --connect` asks every live prober through the store and gathers what they answer: again when the question or an
// answer was lost with a session, and for as long as one deadline allows. Who has not answered by then is told as such.
import type { ApiResponse } from '../../api/api-server.ts';
import type { ApiSource } from '../../api/api-source.ts';
import type { ProberId } from '../../base/ids.ts';
import { OneupError } from '../../base/oneup-error.ts';
import { formatProblems } from '../../config/format-problems.ts';
import { loadConfig } from '../../config/load.ts';
import { readQuestion } from './answer-looks.ts';
import type { Facts } from './facts.ts';
import { parseVantage, type Vantage, type VantageRecord } from './vantage.ts';

export type VantagesAnswer =
  | { readonly kind: 'looked'; readonly vantages: readonly Vantage[]; readonly facts: Facts | null }
  /** Somebody asks already; the probers look for one at a time. */
  | { readonly kind: 'busy' }
  /** The prober runs with another file than the one that was asked about. */
  | { readonly kind: 'otherFile'; readonly prober: ProberId };

/** Store and tries, both with their own bounds, and the way back; below the patience of a client of the socket. */
const ANSWER_MAX_MS = 24_000;
/** How often the answers are looked at. */
const LOOK_MS = 50;

const UNANSWERED = `unanswered: nothing within ${ANSWER_MAX_MS / 1000} s; an oneup of an older version does not know the question`;
const UNANSWERED_AND_GONE = 'unanswered: its session ended while it was asked, and it did not come back in time';

/** The question goes with the session of who asks, an answer with the session of who answers; either may be lost meanwhile. */
export type AskVantagesOptions = {
  /** Asked again and again: a store that is opened anew is another one. Throws what is wrong while there is none. */
  readonly source: () => ApiSource;
  readonly prober: ProberId;
  readonly configFile: string;
  /** Digest of the file that the command was given. */
  readonly digest: string;
  /** Ends the wait when this prober stops. */
  readonly signal: AbortSignal;
};

/** Throws ONEUP_STORE_UNREACHABLE without a session. A prober that is silent for too long is in the answer as such. */
export async function askVantages(options: AskVantagesOptions): Promise<ApiResponse> {
  const { source, prober, configFile, digest, signal } = options;
  const loaded = loadConfig(configFile);
  if (!loaded.ok) throw new OneupError('ONEUP_CONFIG_INVALID', formatProblems(loaded.error));
  if (loaded.value.digest !== digest) return ok({ kind: 'otherFile', prober });
  const first = source();
  const { clock } = first;
  if (first.session() === null)
    throw new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot ask the probers: no session in the store');
  const question: Question = { id: first.uniqueId(), text: loaded.value.text, by: prober };
  if ((await pose(first, question)) === 'busy') return ok({ kind: 'busy' });
  const heard = new Heard(question.id);
  const untilMonoMs = clock.monotonicMs() + ANSWER_MAX_MS;
  for (;;) {
    const now = sourceNow(source);
    if (now !== null) heard.take(now);
    if (heard.isComplete() || signal.aborted || clock.monotonicMs() >= untilMonoMs) break;
    if (now !== null && readQuestion(now.view.get(now.keys.connectAsked)?.value)?.id !== question.id)
      await pose(now, question).catch(() => undefined);
    await clock.sleep(LOOK_MS, { signal }).catch(() => undefined);
  }
  const last = sourceNow(source);
  if (last !== null) await withdraw(last, question);
  return ok({ kind: 'looked', ...heard.result() });
}

type Question = { readonly id: string; readonly text: string; readonly by: ProberId };

function sourceNow(source: () => ApiSource): ApiSource | null {
  try {
    return source();
  } catch {
    // The store is away: it is told elsewhere, and may be back before the deadline.
    return null;
  }
}

/** Under the session of this moment; with the same id again after that was lost, so that no answer has to be found twice. */
async function pose(
  { store, keys, session, uniqueId }: ApiSource,
  question: Question,
): Promise<'posed' | 'busy' | 'lost'> {
  const own = session();
  if (own === null) return 'lost';
  const write = { kind: 'put', key: keys.connectAsked, value: JSON.stringify(question), sessionId: own.id } as const;
  const guards = [
    { kind: 'sessionAlive', sessionId: own.id },
    { kind: 'absent', key: keys.connectAsked },
  ] as const;
  const result = await store.commit({ guards, writes: [write], token: uniqueId() });
  if (result.kind !== 'conflict') return 'posed';
  return result.guard.kind === 'absent' ? 'busy' : 'lost';
}

/** Only the own question. What cannot be removed goes with the session. */
async function withdraw({ store, keys, uniqueId }: ApiSource, { id }: Question): Promise<void> {
  const key = keys.connectAsked;
  try {
    const entry = await store.get(key);
    if (entry === null || readQuestion(entry.value)?.id !== id) return;
    const guards = [{ kind: 'version', key, version: entry.version }] as const;
    await store.commit({ guards, writes: [{ kind: 'delete', key }], token: uniqueId() });
  } catch {
    // The store is away, and the session with it.
  }
}

/** Answers are kept once they were seen: one that goes away with its session was given all the same. */
class Heard {
  readonly #id: string;
  /** Every prober that had a session at some moment since the question. */
  readonly #asked = new Map<ProberId, { isThere: boolean }>();
  readonly #answers = new Map<ProberId, VantageRecord>();

  constructor(id: string) {
    this.#id = id;
  }

  take({ view, keys }: ApiSource): void {
    const live = new Set(view.list(keys.probers).map(({ key }) => key.slice(keys.probers.length)));
    for (const prober of live) this.#asked.set(prober, { isThere: true });
    for (const [prober, state] of this.#asked) {
      state.isThere = live.has(prober);
      if (this.#answers.has(prober)) continue;
      const record = parseVantage(view.get(keys.connectAnswer(prober))?.value);
      if (record?.id === this.#id) this.#answers.set(prober, record);
    }
  }

  isComplete(): boolean {
    return this.#asked.size > 0 && [...this.#asked.keys()].every((prober) => this.#answers.has(prober));
  }

  result(): Pick<Extract<VantagesAnswer, { kind: 'looked' }>, 'vantages' | 'facts'> {
    const vantages = [...this.#asked].map(([prober, { isThere }]): Vantage => {
      const answer = this.#answers.get(prober);
      if (answer !== undefined) return { ...answer.vantage, prober };
      return { prober, findings: [], unlisted: 0, problem: isThere ? UNANSWERED : UNANSWERED_AND_GONE };
    });
    const facts = [...this.#answers.values()].find((answer) => answer.facts !== null)?.facts ?? null;
    return { vantages, facts };
  }
}

function ok(body: VantagesAnswer): ApiResponse {
  return { status: 200, body };
}
