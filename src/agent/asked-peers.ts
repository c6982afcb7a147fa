// Whom the holder of a lease has to ask when nobody reaches the store (S37): everybody who is named in any renewal that may be
// the last one in the store, because the controller trusts the refusal of any one of those (S15).
import type { ClaimAnswer, LeaseTerms, RenewalAnswer } from '../ports/agent-link.ts';

type Said = { readonly asked: readonly string[]; readonly terms: LeaseTerms };

/** Renewals whose outcome is not known differ when a configuration has changed meanwhile; more than this is no outage. */
const OPEN_MAX = 8;
/** Matches no version: the prober answers with the right one. */
const UNKNOWN_VERSION = -1;

export class AskedPeers {
  /** Who was alive at the last renewal that was granted: named in the next one. */
  #peers: readonly string[] = [];
  #version = UNKNOWN_VERSION;
  /** The last one that was granted, and all that were sent after it. Empty: none was granted. */
  #open: Said[] = [];

  /** For the next renewal. */
  get next(): { readonly asked: readonly string[]; readonly seen: number } {
    return { asked: this.#peers, seen: this.#version };
  }

  sent(said: Said): void {
    if (this.#open.length === 0 || this.#open.some((open) => isSame(open, said))) return;
    this.#open.push(said);
  }

  /** The record is this renewal, and none that was sent before it can replace it. */
  granted(said: Said, { version, peers }: { readonly version: number; readonly peers: readonly string[] }): void {
    this.#open = [said];
    this.#version = version;
    this.#peers = peers;
  }

  behind(version: number): void {
    this.#version = version;
  }

  /** Another epoch, or none: nothing that was granted counts any more. */
  forget(): void {
    this.#open = [];
  }

  /** Everybody whose word is needed now; null when no number of words would do. */
  whom(terms: LeaseTerms): readonly string[] | null {
    const isClear = this.#open.length > 0 && this.#open.length <= OPEN_MAX;
    const isAsking = this.#open.every((said) => said.asked.length > 0 && isSameTerms(said.terms, terms));
    return isClear && isAsking ? [...new Set(this.#open.flatMap(({ asked }) => asked))] : null;
  }
}

export type ClaimOutcome =
  | RenewalAnswer
  | { readonly kind: 'agreed' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Who has the store has the last word; without it everybody who was asked must agree, not most of them (S37). */
export function weighClaim(answers: readonly ClaimAnswer[], whom: readonly string[]): ClaimOutcome {
  for (const kind of ['over', 'renewed', 'regranted', 'behind'] as const) {
    const found = answers.find((answer) => answer.kind === kind);
    if (found !== undefined && found.kind !== 'agreed' && found.kind !== 'refused') return found;
  }
  const agreed = new Set(answers.flatMap((answer) => (answer.kind === 'agreed' ? [answer.peer] : [])));
  const missing = whom.filter((peer) => !agreed.has(peer));
  if (missing.length === 0) return { kind: 'agreed' };
  const refusals = answers.flatMap((answer) => (answer.kind === 'refused' ? [`${answer.peer}: ${answer.reason}`] : []));
  return { kind: 'refused', reason: [`no word of ${missing.join(', ')}`, ...refusals].join('; ') };
}

function isSame(a: Said, b: Said): boolean {
  return isSameTerms(a.terms, b.terms) && a.asked.join(' ') === b.asked.join(' ');
}

function isSameTerms(a: LeaseTerms, b: LeaseTerms): boolean {
  return a.periodMs === b.periodMs && a.stopTimeoutMs === b.stopTimeoutMs && a.marginMs === b.marginMs;
}
