// Runs the parts of a group side by side under the group's one deadline, and ends as soon as the rest makes no difference.
import type { GroupTarget } from '../config/check-target.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { judgeGroup, mergeGroup } from './judge-group.ts';
import type { RunCheckOptions } from './run-check-options.ts';

/** Never rejects. `run` is what runs one part. */
export async function groupCheck(
  { atLeast, parts }: GroupTarget,
  options: RunCheckOptions & {
    readonly run: (part: GroupTarget['parts'][number], options: RunCheckOptions) => Promise<CheckOutcome>;
  },
): Promise<CheckOutcome> {
  const { run, ...rest } = options;
  const enough = new AbortController();
  const signal = AbortSignal.any([rest.signal, enough.signal]);
  const outcomes: (CheckOutcome | null)[] = parts.map(() => null);
  const results = () => outcomes.map((outcome) => outcome?.result ?? null);
  const decided = Promise.withResolvers<void>();
  const running = parts.map(async (part, index) => {
    const outcome = await run(part, { ...rest, signal });
    outcomes[index] = outcome;
    if (judgeGroup(results(), atLeast) !== 'pending') decided.resolve();
    return outcome;
  });
  await decided.promise;
  const result = mergeGroup(results(), atLeast);
  enough.abort();
  const left = (await Promise.all(running)).flatMap(({ lingering }) => (lingering === null ? [] : [lingering]));
  return { result, lingering: left.length === 0 ? null : Promise.all(left).then(() => undefined) };
}
