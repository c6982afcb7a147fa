// Which value of a weighted RRset a query gets. The draw is made from the id of the query, which resolvers choose at random
// (RFC 5452), so that an answer stays a function of the query and the snapshot: the same question, the same octets, everywhere.
import type { CompiledRrset } from './compiled-zone.ts';

/** Ids have 16 bits; shares are exact to one part of this many. */
export const DRAWS = 65_536;
/** Odd and near DRAWS divided by the golden ratio: every id has a draw of its own, and ids in a row are spread evenly. */
const SPREAD = 40_503;

/** The RRset itself, or the one of its values that a query with this id is answered. */
export function drawValue(rrset: CompiledRrset, queryId: number): CompiledRrset {
  if (rrset.choices === null) return rrset;
  const draw = Math.imul(queryId, SPREAD) & (DRAWS - 1);
  return rrset.choices.find(({ below }) => draw < below)?.rrset ?? rrset;
}
