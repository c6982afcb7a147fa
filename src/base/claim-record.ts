// The record `claims/<service>/<prober>`: a live process that answers claims of the service (S37), and up to which epoch it has
// promised to refuse them (S15). Bound to its session; a promise that was read holds after the record is gone.
import type { ClaimBook } from './claim-book.ts';

export type ClaimRecord = {
  readonly peer: string;
  /** In which the epoch counts; null: it is not told, and so nothing rests on it. */
  readonly generation: number | null;
  readonly refusesUpTo: number;
  /** Processes that this one knows to be dead: they agree to nothing any more. */
  readonly ended: readonly string[];
};

export function formatClaimRecord(book: ClaimBook, service: string): string {
  const { peer, generation, ended } = book;
  return JSON.stringify({ peer, generation, refusesUpTo: book.refusesUpTo(service), ended } satisfies ClaimRecord);
}

/** null for anything else: of such a record nobody is asked, and nothing rests on it. */
export function parseClaimRecord(text: string): ClaimRecord | null {
  try {
    const { peer, generation, refusesUpTo, ended } = JSON.parse(text) as Partial<ClaimRecord>;
    const isRecord = typeof peer === 'string' && peer !== '' && Number.isSafeInteger(refusesUpTo);
    const isList = Array.isArray(ended) && ended.every((name) => typeof name === 'string');
    const told = Number.isSafeInteger(generation) ? Number(generation) : null;
    return isRecord && isList ? { peer, generation: told, refusesUpTo: Number(refusesUpTo), ended } : null;
  } catch {
    return null;
  }
}

/** Who of `asked` certainly agrees to no claim under this grant any more, by what this record says; null: nobody (S15). */
export function refuserIn(
  { peer, generation, refusesUpTo, ended }: ClaimRecord,
  asked: readonly string[],
  grant: { readonly generation: number; readonly epoch: number },
): string | null {
  if (generation === grant.generation && refusesUpTo >= grant.epoch && asked.includes(peer)) return peer;
  return ended.find((name) => asked.includes(name)) ?? null;
}
