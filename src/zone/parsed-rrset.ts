// One RRset with its name and values on the wire: the common ground of checking and compiling a zone.
import { parseName } from '../dns/domain-name.ts';
import { lowerCaseName } from '../dns/lower-case-name.ts';
import { parseRdata } from '../dns/parse-rdata.ts';
import { RR_TYPE } from '../dns/rr-type.ts';
import type { Rrset } from '../dns/rrset.ts';
import type { ZoneFault } from './zone-fault.ts';

export type ParsedRrset = {
  readonly rrset: Rrset;
  /** Lower-case wire name. */
  readonly name: Uint8Array;
  readonly typeNumber: number;
  /** In canonical order (RFC 4034 section 6.3). */
  readonly rdatas: readonly Uint8Array[];
  /** In the order of `rdatas`; null where all values are answered together. */
  readonly weights: readonly number[] | null;
};

/** What could be read of an RRset, and what is wrong with the rest; null when even the name is not one. */
export function parseRrset(rrset: Rrset): {
  readonly parsed: ParsedRrset | null;
  readonly faults: readonly ZoneFault[];
} {
  const { name, type } = rrset;
  const wire = parseName(name);
  if (!wire.ok) return { parsed: null, faults: [{ kind: 'name-invalid', name, type, reason: wire.error }] };
  const faults: ZoneFault[] = [];
  const read: { readonly rdata: Uint8Array; readonly weight: number }[] = [];
  for (const [index, value] of rrset.values.entries()) {
    const rdata = parseRdata(type, value);
    if (rdata.ok) read.push({ rdata: rdata.value, weight: rrset.weights?.[index] ?? 1 });
    else faults.push({ kind: 'value-invalid', name, type, reason: `${rdata.error}, in ${JSON.stringify(value)}` });
  }
  read.sort((left, right) => Buffer.compare(left.rdata, right.rdata));
  const parsed = {
    rrset,
    name: lowerCaseName(wire.value),
    typeNumber: RR_TYPE[type],
    rdatas: read.map(({ rdata }) => rdata),
    weights: rrset.weights === undefined ? null : read.map(({ weight }) => weight),
  };
  return { parsed, faults };
}
