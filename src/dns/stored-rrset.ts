// How the RRsets and the serial of the built-in zone are written in the store: the provider writes them, every name server
// reads them. Reading is strict, because what cannot be understood must not be served.
import { err, ok, type Result } from '../base/result.ts';
import { rrsetKeyPart } from '../base/rrset-key-part.ts';
import { RR_TYPE } from './rr-type.ts';
import type { Rrset, RrType } from './rrset.ts';

/** `epoch` and `seq` are those of the write that left the RRset, for people who ask why (S26). */
export type StoredRrset = { readonly rrset: Rrset; readonly epoch: number; readonly seq: number };

const TTL_MAX_SECONDS = 2_147_483_647;
const SERIAL_MAX = 4_294_967_295;
const STORED_TYPES: ReadonlySet<string> = new Set<RrType>(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT']);

/** Value of the record under `dns/<zone>/<name|TYPE>`. */
export function formatStoredRrset({ rrset: { values, ttlSeconds, weights }, epoch, seq }: StoredRrset): string {
  return JSON.stringify({ values, ttlSeconds, epoch, seq, weights });
}

/** Reads a record; `keyPart` is its key behind `dns/<zone>/`. The error is a reason to put behind "Cannot read RRset". */
export function parseStoredRrset(keyPart: string, text: string): Result<StoredRrset, string> {
  const bar = keyPart.lastIndexOf('|');
  const [name, type] = [keyPart.slice(0, bar), keyPart.slice(bar + 1)];
  if (bar < 1 || !isStoredType(type)) return err(`expected a key name|TYPE, value was ${keyPart}`);
  const fields = parseObject(text);
  if (fields === null) return err(`${keyPart} holds no JSON object`);
  const { values, ttlSeconds, epoch, seq } = fields;
  if (!isValues(values)) return err(`${keyPart} holds no list of at least one value`);
  if (!isCount(ttlSeconds, TTL_MAX_SECONDS)) return err(`${keyPart} holds no TTL`);
  if (!isCount(epoch) || !isCount(seq)) return err(`${keyPart} holds no epoch and seq`);
  const rrset = { name, type, ttlSeconds, values };
  // Absent in what was written before there were weights, and wherever all values are alike.
  if (fields.weights === undefined) return ok({ rrset, epoch, seq });
  if (!isWeights(fields.weights, values.length)) return err(`${keyPart} holds no list of one weight for each value`);
  return ok({ rrset: { ...rrset, weights: fields.weights }, epoch, seq });
}

/** Value of the record under `dns/<zone>/serial`. */
export function formatStoredSerial(serial: number): string {
  return String(serial);
}

export function parseStoredSerial(text: string): Result<number, string> {
  const serial = Number(text);
  if (!/^[1-9][0-9]*$/.test(text) || serial > SERIAL_MAX) return err(`expected a serial, value was ${text}`);
  return ok(serial);
}

/** Key of an RRset behind `dns/<zone>/`. */
export function storedRrsetKeyPart({ name, type }: Pick<Rrset, 'name' | 'type'>): string {
  return rrsetKeyPart(name, type);
}

function isStoredType(type: string): type is RrType {
  return type in RR_TYPE && STORED_TYPES.has(type);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function isValues(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string' && each !== '');
}

/** One whole number above 0 for each of `count` values. */
export function isWeights(value: unknown, count: number): value is readonly number[] {
  return Array.isArray(value) && value.length === count && value.every((weight) => isCount(weight) && weight > 0);
}

function isCount(value: unknown, max = Number.MAX_SAFE_INTEGER): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}
