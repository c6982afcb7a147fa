// Writes the records of one RRset once, so that answering is copying. Owners are pointers to the question's name.
import { HEADER_OCTETS } from '../dns/query.ts';
import { CLASS_IN } from '../dns/rr-type.ts';
import { RECORD_HEAD_OCTETS } from './check-rrset.ts';
import type { CompiledRrset, CompiledTarget } from './compiled-zone.ts';
import { DRAWS } from './draw-value.ts';
import type { ParsedRrset } from './parsed-rrset.ts';
import { TARGET_OFFSET } from './target-offset.ts';

export type CompileRrsetOptions = {
  /** The RRset's own, or the negative TTL of a SOA. */
  readonly ttlSeconds: number;
  /** Addresses of a target name, given as lower-case wire name. */
  readonly findTarget: (target: Uint8Array) => Omit<CompiledTarget, 'offset'>;
};

/** The RRset in wire format with the targets for which there are addresses. */
export function compileRrset(parsed: ParsedRrset, { ttlSeconds, findTarget }: CompileRrsetOptions): CompiledRrset {
  const { typeNumber, rdatas, weights } = parsed;
  const octets = Buffer.alloc(rdatas.reduce((sum, rdata) => sum + RECORD_HEAD_OCTETS + rdata.length, 0));
  const starts: number[] = [];
  const targets: CompiledTarget[] = [];
  const targetOffset = TARGET_OFFSET[parsed.rrset.type];
  let start = 0;
  for (const rdata of rdatas) {
    starts.push(start);
    octets.writeUInt16BE(0xc000 | HEADER_OCTETS, start);
    octets.writeUInt16BE(typeNumber, start + 2);
    octets.writeUInt16BE(CLASS_IN, start + 4);
    octets.writeUInt32BE(ttlSeconds, start + 6);
    octets.writeUInt16BE(rdata.length, start + 10);
    octets.set(rdata, start + RECORD_HEAD_OCTETS);
    if (targetOffset !== undefined) {
      const target = findTarget(rdata.subarray(targetOffset));
      const offset = start + RECORD_HEAD_OCTETS + targetOffset;
      if (target.addresses.length > 0) targets.push(Object.freeze({ ...target, offset }));
    }
    start += RECORD_HEAD_OCTETS + rdata.length;
  }
  Object.freeze(starts);
  Object.freeze(targets);
  const choices = weights === null ? null : compileChoices(parsed, weights, { ttlSeconds, findTarget });
  return Object.freeze({ type: typeNumber, ttlSeconds, count: rdatas.length, octets, starts, targets, choices });
}

/** Each value alone, with its share of the draws (gdnsd's `weighted` with `multi = false`). */
function compileChoices(
  parsed: ParsedRrset,
  weights: readonly number[],
  options: CompileRrsetOptions,
): CompiledRrset['choices'] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  const choices = parsed.rdatas.map((rdata, index) => {
    passed += weights[index] ?? 0;
    const rrset = compileRrset({ ...parsed, rdatas: [rdata], weights: null }, options);
    return Object.freeze({ below: Math.round((passed / total) * DRAWS), rrset });
  });
  return Object.freeze(choices);
}
