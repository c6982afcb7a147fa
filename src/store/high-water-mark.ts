// The furthest state of the store that a prober has ever seen, and whether what it sees now can be the same store (S4).
// A store that shows less was restored from a backup; acting on it could repeat epochs that are already spent.

import type { ServiceId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Generation } from './cluster-record.ts';

export type HighWaterMark = {
  readonly generation: Generation;
  readonly revision: number;
  readonly term: number;
  readonly epochs: Readonly<Record<ServiceId, number>>;
};

export type StoreComparison =
  | { readonly kind: 'ok' }
  /** The store shows less than was seen before: treated as store loss until `recover` (S4, S37). */
  | { readonly kind: 'wentBack'; readonly reason: string }
  /** Same generation number, another id: another history of the cluster (S4). */
  | { readonly kind: 'foreign'; readonly reason: string };

/** Compares what the store shows now with the mark. A service that is no longer in the store is no step back. */
export function compareWithStore(mark: HighWaterMark | null, seen: HighWaterMark): StoreComparison {
  if (mark === null || seen.generation.number > mark.generation.number) return { kind: 'ok' };
  if (seen.generation.number < mark.generation.number) {
    return wentBack('generation', seen.generation.number, mark.generation.number);
  }
  if (seen.generation.id !== mark.generation.id) {
    const reason = `generation ${mark.generation.number} was ${mark.generation.id} and is ${seen.generation.id}`;
    return { kind: 'foreign', reason };
  }
  if (seen.revision < mark.revision) return wentBack('revision', seen.revision, mark.revision);
  if (seen.term < mark.term) return wentBack('term', seen.term, mark.term);
  for (const [service, epoch] of Object.entries(seen.epochs)) {
    const before = Object.hasOwn(mark.epochs, service) ? mark.epochs[service] : undefined;
    if (before !== undefined && epoch < before) return wentBack(`epoch of ${service}`, epoch, before);
  }
  return { kind: 'ok' };
}

/** The mark after `seen`: never lower in anything. A new generation starts its own count (S4). */
export function raiseMark(mark: HighWaterMark | null, seen: HighWaterMark): HighWaterMark {
  if (mark === null || seen.generation.number > mark.generation.number) return seen;
  if (seen.generation.number < mark.generation.number || seen.generation.id !== mark.generation.id) return mark;
  const epochs = new Map(Object.entries(mark.epochs));
  for (const [service, epoch] of Object.entries(seen.epochs)) {
    epochs.set(service, Math.max(epoch, epochs.get(service) ?? 0));
  }
  return {
    generation: mark.generation,
    revision: Math.max(mark.revision, seen.revision),
    term: Math.max(mark.term, seen.term),
    epochs: Object.fromEntries(epochs),
  };
}

/** Reads a mark from the text of its file; the error says what is wrong with it. */
export function parseMark(text: string): Result<HighWaterMark, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('it is not JSON');
  }
  const { generation, revision, term, epochs } = asObject(value);
  const { number, id } = asObject(generation);
  if (!isCount(number) || typeof id !== 'string' || id === '') return err('it has no generation');
  if (!isCount(revision) || !isCount(term)) return err('it has no revision or no term');
  if (typeof epochs !== 'object' || epochs === null) return err('it has no epochs');
  const counts: [string, number][] = [];
  for (const [service, epoch] of Object.entries(epochs)) {
    if (!isCount(epoch)) return err(`the epoch of ${service} is no number`);
    counts.push([service, epoch]);
  }
  return ok({ generation: { number, id }, revision, term, epochs: Object.fromEntries(counts) });
}

function wentBack(what: string, now: number, before: number): StoreComparison {
  return { kind: 'wentBack', reason: `${what} is ${now} and was ${before} before` };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
