// Asks the confirm query of every fence level once, and judges whether its answer would be understood when it counts (S18).

import type { Config } from '../../config/config.ts';
import type { QueryAnswer } from '../../nodes/action-carrier.ts';
import type { Finding } from './finding.ts';
import { type QueryDeps, queryAction, queryTimeoutMs } from './query-action.ts';
import type { Job } from './run-jobs.ts';

const GRACE_MS = 1_000;

export type FenceOptions = QueryDeps & {
  /** The active node of a service by the store, or null. */
  readonly activeOf: (service: string) => string | null;
};

export function fenceJobs({ services }: Config, deps: FenceOptions): readonly Job[] {
  return services.flatMap((service) =>
    service.nodes.flatMap((node) =>
      node.actions.fence.map(({ confirm }, index): Job => {
        const subject = `${service.id}/${node.id} level ${index + 1}`;
        if (confirm === null) {
          const says = 'its exit code is the proof (confirmedByExit), so it cannot be asked without being done';
          const finding: Finding = { area: 'fence', subject, outcome: 'untried', says };
          return { area: 'fence', subject, timeoutMs: GRACE_MS, run: () => Promise.resolve([finding]) };
        }
        const { query, offStates } = confirm;
        const asked = { service: service.id, node: node.id, name: 'fence-confirm' };
        return {
          area: 'fence',
          subject,
          timeoutMs: queryTimeoutMs(query) + GRACE_MS,
          run: async (signal) => {
            const answer = await queryAction(query, { ...asked, signal }, deps);
            const isActive = deps.activeOf(service.id) === node.id;
            return [{ area: 'fence', subject, ...judgeConfirm(answer, { offStates, isActive }) }];
          },
        };
      }),
    ),
  );
}

/**
 * Any word that is not listed counts as not off, so a word that is nearly one of the list would make a fence of a node that is
 * off look like one that failed. A word that is quite another is what a node that is on should give; it is shown.
 */
export function judgeConfirm(
  answer: QueryAnswer,
  { offStates, isActive }: { readonly offStates: readonly string[]; readonly isActive: boolean },
): Pick<Finding, 'outcome' | 'says'> {
  if (answer.kind === 'failed') return { outcome: 'wrong', says: answer.reason };
  const word = JSON.stringify(answer.word.slice(0, 100));
  if (offStates.includes(answer.word)) {
    if (!isActive) return { outcome: 'expected', says: `${word}: the node is off` };
    return { outcome: 'wrong', says: `${word}: off, and it is the active. Is the right device asked?` };
  }
  const near = offStates.find((state) => isNearly(answer.word, state)) ?? null;
  const listed = offStates.map((state) => JSON.stringify(state)).join(', ');
  if (near !== null) {
    const says = `${word} is not listed in offStates (${listed}), though it is nearly ${JSON.stringify(near)}: it counts as not off`;
    return { outcome: 'wrong', says };
  }
  if (answer.word.split(/\s+/).length > WORDS_MAX)
    return { outcome: 'wrong', says: `${word} is a sentence, not a state; offStates lists ${listed}` };
  return { outcome: 'expected', says: `${word} is not listed in offStates (${listed}), so it counts as not off` };
}

/**
 * Another case, quotes around it, or one letter too many, too few or wrong. No more than that: `active` is not a slip of
 * `inactive`, nor `attached` one of `detached`.
 */
function isNearly(word: string, state: string): boolean {
  const [a, b] = [word, state].map((text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')) as [string, string];
  if (a === b) return true;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  if (shorter.length < SLIP_LETTERS_MIN || longer.length - shorter.length > 1) return false;
  let same = 0;
  while (same < shorter.length && shorter[same] === longer[same]) same += 1;
  const rest = longer.slice(same + 1);
  return rest === shorter.slice(same) || rest === shorter.slice(same + 1);
}

/** Short words differ by one letter without being slips: `on`, `no`. */
const SLIP_LETTERS_MIN = 4;

/** `shutting down` is a state; a line of help or of an error is longer. */
const WORDS_MAX = 3;
