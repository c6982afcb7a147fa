// A prober that is asked to try a configuration from where it stands: as with a reload, somebody proposes a file as a record, each
// prober looks with its own environment, keys and files, and leaves its answer. Nothing that came from outside is run: what a
// file says, only who may change the file can decide (S7).
import type { ProberId } from '../../base/ids.ts';
import type { StoreKeys } from '../../base/store-keys.ts';
import { formatProblems } from '../../config/format-problems.ts';
import { loadConfigText } from '../../config/load.ts';
import type { StoreView } from '../../ports/store-view.ts';
import type { AppDeps } from '../app-deps.ts';
import type { Facts } from './facts.ts';
import { tryEverything } from './try-everything.ts';
import type { Vantage } from './vantage.ts';

/** One record holds this many with room to spare. */
const FINDINGS_MAX = 500;

export type AnswerLooksOptions = {
  readonly view: StoreView;
  readonly keys: StoreKeys;
  readonly prober: ProberId;
  readonly configFile: string;
  readonly deps: AppDeps;
  readonly report: (key: string, value: string | null) => void;
  readonly signal: AbortSignal;
};

/** Answers every question until the signal aborts; a new question ends the look for the one before. */
export function answerLooks(options: AnswerLooksOptions): void {
  const { view, keys, prober, report, signal } = options;
  let asked: string | null = null;
  let last: { readonly id: string; readonly text: string } | null = null;
  let current = new AbortController();
  const answer = () => {
    const question = readQuestion(view.get(keys.connectAsked)?.value);
    if ((question?.id ?? null) === asked) return;
    asked = question?.id ?? null;
    current.abort(new Error('another question was asked'));
    current = new AbortController();
    if (question === null) return report(keys.connectAnswer(prober), null);
    // The same question once more: who asked has lost a session, and what was found stands.
    if (last?.id === question.id) return report(keys.connectAnswer(prober), last.text);
    const limit = AbortSignal.any([signal, current.signal]);
    void look(question.text, options, limit).then((found) => {
      if (limit.aborted) return;
      last = { id: question.id, text: JSON.stringify({ id: question.id, ...found }) };
      report(keys.connectAnswer(prober), last.text);
    });
  };
  const stop = view.onChange(keys.connectAsked, answer);
  signal.addEventListener('abort', stop, { once: true });
  answer();
}

/** Never rejects. */
async function look(
  text: string,
  { prober, configFile, deps }: AnswerLooksOptions,
  signal: AbortSignal,
): Promise<{ readonly vantage: Vantage; readonly facts: Facts | null }> {
  const failed = (problem: string) => ({ vantage: { prober, findings: [], unlisted: 0, problem }, facts: null });
  const loaded = loadConfigText(text, configFile);
  if (!loaded.ok) return failed(`it cannot load the file: ${formatProblems(loaded.error)}`);
  try {
    const { config } = loaded.value;
    const { findings, facts } = await tryEverything({
      config,
      prober,
      deps: { ...deps, signal },
      onProgress: () => {},
    });
    const listed = findings.length > FINDINGS_MAX ? findings.filter(({ outcome }) => outcome !== 'ok') : findings;
    const kept = listed.slice(0, FINDINGS_MAX);
    const problem = listed.length > kept.length ? `more than ${FINDINGS_MAX} things are not in order` : null;
    return { vantage: { prober, findings: kept, unlisted: findings.length - kept.length, problem }, facts };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

export function readQuestion(text: string | undefined): { readonly id: string; readonly text: string } | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    const { id, text: asked } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    return typeof id === 'string' && typeof asked === 'string' ? { id, text: asked } : null;
  } catch {
    return null;
  }
}
