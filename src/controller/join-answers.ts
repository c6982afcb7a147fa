// What the servers of two providers said of one name, as one answer: the name is anew in the world when it is at both.
import type { Answer } from '../failover/machine-event.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';

export type PropagationAnswer = Extract<Answer, { kind: 'propagation' }>;

/** `behind`: providers that were not written yet, by name. */
export function joinAnswers(found: readonly PropagationAnswer[], behind: readonly string[]): PropagationAnswer {
  const laggards = [...new Set([...behind, ...found.flatMap((answer) => answer.laggards)])];
  const horizons = found.map(({ horizonMonoMs }) => horizonMonoMs).filter((horizon) => horizon !== null);
  // S31: while one of them is late nobody knows until when the old answer lives.
  const isKnown = horizons.length === found.length && behind.length === 0;
  const reports = found.map(({ report }) => report).filter((report) => report !== undefined);
  const report = joinReports(reports, laggards);
  return {
    kind: 'propagation',
    laggards,
    horizonMonoMs: isKnown ? Math.max(...horizons) : null,
    ...(report === null ? {} : { report }),
  };
}

/** Both providers may have found the same servers by the NS records of the zone, and asked the same resolvers. */
function joinReports(reports: readonly PropagationReport[], laggards: readonly string[]): PropagationReport | null {
  const [first] = reports;
  if (first === undefined) return null;
  const isPending = reports.some(({ provider }) => provider === 'pending');
  return {
    ...first,
    provider: isPending ? 'pending' : first.provider,
    servers: distinct(reports.flatMap(({ servers }) => servers)),
    resolvers: distinct(reports.flatMap(({ resolvers }) => resolvers)),
    laggards,
  };
}

function distinct<T extends { readonly at: string }>(asked: readonly T[]): readonly T[] {
  return [...new Map(asked.map((one) => [one.at, one])).values()];
}
