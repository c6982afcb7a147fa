// Asking every live prober whether it could load a configuration before that becomes the one in force (S7): the text is
// proposed as a record, each prober tries it with its own environment and files, and leaves its answer.

import type { ApiSource } from '../api/api-source.ts';
import type { ProberId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import { formatProblems } from '../config/format-problems.ts';
import { type LoadedConfig, loadConfigText } from '../config/load.ts';
import type { StoreView } from '../ports/store-view.ts';

export type ProposalAnswer = {
  readonly prober: ProberId;
  readonly kind: 'able' | 'unable' | 'silent';
  readonly reason: string;
};

/** A prober answers within a watch and a parse; one that takes longer is not well. */
const ANSWER_MAX_MS = 5_000;

/** A configuration that `by` would have in force. */
export type Proposal = { readonly digest: string; readonly by: ProberId };

export type AnswerOptions = {
  readonly view: StoreView;
  readonly keys: StoreKeys;
  readonly prober: ProberId;
  readonly configFile: string;
  readonly report: (key: string, value: string | null) => void;
  readonly onProposal: (proposal: Proposal) => void;
  readonly signal: AbortSignal;
};

/** Answers every proposal until the signal aborts. */
export function answerProposals({ view, keys, prober, configFile, report, onProposal, signal }: AnswerOptions): void {
  const answer = () => {
    const proposed = readProposal(view.get(keys.configProposed)?.value);
    if (proposed === null) return report(keys.configAnswer(prober), null);
    onProposal(proposed);
    const loaded = loadConfigText(proposed.text, configFile);
    const reason = loaded.ok ? 'it can be loaded' : formatProblems(loaded.error);
    report(keys.configAnswer(prober), JSON.stringify({ digest: proposed.digest, able: loaded.ok, reason }));
  };
  const stop = view.onChange(keys.configProposed, answer);
  signal.addEventListener('abort', stop, { once: true });
  answer();
}

/** What each live prober says to `loaded`; those without a live session are not asked. */
export async function collectAnswers(
  source: ApiSource,
  { loaded, prober }: { readonly loaded: LoadedConfig; readonly prober: ProberId },
): Promise<readonly ProposalAnswer[]> {
  const { store, keys, view, clock } = source;
  const session = source.session();
  if (session === null) throw new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot propose: no session in the store');
  const value = JSON.stringify({ digest: loaded.digest, text: loaded.text, by: prober });
  const write = { kind: 'put', key: keys.configProposed, value, sessionId: session.id } as const;
  await store.commit({ guards: [], writes: [write], token: source.uniqueId() });
  const live = view.list(keys.probers).map((entry) => entry.key.slice(keys.probers.length));
  const answers = () => live.map((id) => readAnswer(view.get(keys.configAnswer(id))?.value, id, loaded.digest));
  const complete = new AbortController();
  const look = () => {
    if (answers().every((answer) => answer.kind !== 'silent')) complete.abort();
  };
  const stop = view.onChange(keys.root, look);
  look();
  await clock.sleep(ANSWER_MAX_MS, { signal: complete.signal }).catch(() => undefined);
  stop();
  const found = answers();
  await store.commit({ guards: [], writes: [{ kind: 'delete', key: keys.configProposed }], token: source.uniqueId() });
  return found;
}

function readProposal(text: string | undefined): (Proposal & { readonly text: string }) | null {
  const value = readObject(text);
  return typeof value.digest === 'string' && typeof value.text === 'string'
    ? { digest: value.digest, text: value.text, by: String(value.by) }
    : null;
}

function readAnswer(text: string | undefined, prober: ProberId, digest: string): ProposalAnswer {
  const value = readObject(text);
  if (value.digest !== digest) return { prober, kind: 'silent', reason: 'no answer' };
  return { prober, kind: value.able === true ? 'able' : 'unable', reason: String(value.reason) };
}

function readObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
