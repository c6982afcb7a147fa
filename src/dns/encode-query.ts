// Writes a query as a client sends it: for our own propagation reports, tools and tests.
import { ok, type Result } from '../base/result.ts';
import { parseName } from './domain-name.ts';
import { CLASS_IN } from './rr-type.ts';

export type QuerySpec = {
  /** 0 to 65535; must be unpredictable when it goes to a server that is not ours. */
  readonly id: number;
  /** Absolute name; its letter case is kept. */
  readonly name: string;
  readonly type: number;
  readonly class?: number;
  readonly recursionDesired?: boolean;
  /** null sends no OPT. */
  readonly edns: { readonly udpOctets: number; readonly version?: number; readonly dnssecOk?: boolean } | null;
};

/** Encodes one query. The error is what is wrong with the name. */
export function encodeQuery(spec: QuerySpec): Result<Uint8Array, string> {
  const name = parseName(spec.name);
  if (!name.ok) return name;
  const { edns } = spec;
  const header = [
    ...u16(spec.id),
    spec.recursionDesired === true ? 1 : 0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    edns === null ? 0 : 1,
  ];
  const question = [...name.value, ...u16(spec.type), ...u16(spec.class ?? CLASS_IN)];
  const flags = edns?.dnssecOk === true ? 0x80 : 0;
  const opt = edns === null ? [] : [0, 0, 41, ...u16(edns.udpOctets), 0, edns.version ?? 0, flags, 0, 0, 0];
  return ok(Uint8Array.from([...header, ...question, ...opt]));
}

function u16(value: number): readonly [number, number] {
  return [(value >> 8) & 0xff, value & 0xff];
}
