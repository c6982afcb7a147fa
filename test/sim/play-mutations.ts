// Leaves out one rule after the other and plays until an invariant shows it: a row for each, with the seeds it took.
import type { Mutation } from './mutation.ts';
import { MUTATIONS } from './mutations.ts';
import { playJobs } from './play-jobs.ts';
import type { Failure, Job } from './sim-job.ts';

export type MutationOptions = { readonly from?: string; readonly workers?: number };
export type Found = { readonly mutation: Mutation; readonly seeds: number; readonly failure: Failure | null };

export type FindOptions = {
  readonly fromSeed: (mutation: Mutation) => number;
  readonly seeds: number;
  readonly workers?: number;
  readonly onFound?: (found: Found) => void;
};

/** A rule whose absence shows in fewer than one of so many runs is not tested by them. */
const SEEDS_MAX = 5_000;

export async function findMutations(
  mutations: readonly Mutation[],
  { fromSeed, seeds, onFound = () => undefined, ...rest }: FindOptions,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const jobs = mutations.map((mutation): Job => {
    return { mutation: mutation.id, from: fromSeed(mutation), seeds, stopsAtFirst: true };
  });
  await playJobs({
    ...rest,
    jobs,
    onResult: (job, { played, failures }) => {
      const mutation = mutations.find(({ id }) => id === job.mutation);
      if (mutation === undefined) return;
      const one = { mutation, seeds: played, failure: failures[0] ?? null };
      found.push(one);
      onFound(one);
    },
  });
  return mutations.flatMap((mutation) => found.filter((one) => one.mutation === mutation));
}

export function isFound({ mutation, failure }: Found): boolean {
  return failure !== null && mutation.invariants.includes(failure.invariant);
}

export async function playMutations(id: string, { from = '1', ...rest }: MutationOptions): Promise<number> {
  const chosen = id === 'all' ? MUTATIONS : MUTATIONS.filter((mutation) => mutation.id === id);
  if (chosen.length === 0) throw new RangeError(`Cannot leave out a rule: it is not in the table, value was ${id}`);
  const onFound = (one: Found) => console.log(row(one));
  const found = await findMutations(chosen, { fromSeed: () => Number(from), seeds: SEEDS_MAX, onFound, ...rest });
  const missed = found.filter((one) => !isFound(one));
  console.log(JSON.stringify({ mutations: found.length, missed: missed.map(({ mutation }) => mutation.id) }));
  return missed.length === 0 ? 0 : 1;
}

function row({ mutation, seeds, failure }: Found): string {
  const shown = failure === null ? 'NOT FOUND' : `${failure.invariant} at seed ${failure.seed}: ${failure.text}`;
  return `${mutation.id.padEnd(6)} ${String(seeds).padStart(5)} seeds  ${mutation.what.padEnd(70)} ${shown}`;
}
