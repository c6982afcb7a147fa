// The TSIG record between octets and values (RFC 8945 section 4.2), and its place: the last record of a message, once.
import type { DomainName } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import { formatName, parseName } from './domain-name.ts';
import { lowerCaseName } from './lower-case-name.ts';
import { readName } from './name-reader.ts';
import { HEADER_OCTETS } from './query.ts';
import { CLASS_ANY, RR_TYPE } from './rr-type.ts';

export type TsigRecord = {
  readonly keyName: DomainName;
  readonly algorithmName: DomainName;
  /** Seconds since 1970 on the signer's wall clock; 48 bits. */
  readonly timeSignedSeconds: number;
  readonly fudgeSeconds: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly otherData: Uint8Array;
};

/** Extended response codes that only TSIG records carry (RFC 8945 section 3). */
export const TSIG_ERROR = { NONE: 0, BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const;

/** Where the record begins, so that the message without it can be digested. */
export type FoundTsig = { readonly start: number; readonly record: TsigRecord };

/** Type, class, ttl and rdata length. */
const RECORD_FIXED_OCTETS = 10;
/** Time, fudge and MAC size; the algorithm's name before them varies. */
const RDATA_FIXED_OCTETS = 10;

/** The octets of the record. Names are canonical: uncompressed, in lower case (RFC 8945 section 4.2). */
export function encodeTsigRecord(record: TsigRecord): Result<Uint8Array, string> {
  const keyName = parseName(record.keyName);
  if (!keyName.ok) return keyName;
  const algorithm = parseName(record.algorithmName);
  if (!algorithm.ok) return algorithm;
  const { timeSignedSeconds, fudgeSeconds, mac, originalId, error, otherData } = record;
  const rdata = [
    ...algorithm.value,
    ...u48(timeSignedSeconds),
    ...u16(fudgeSeconds),
    ...u16(mac.length),
    ...mac,
    ...u16(originalId),
    ...u16(error),
    ...u16(otherData.length),
    ...otherData,
  ];
  const fixed = [...u16(RR_TYPE.TSIG), ...u16(CLASS_ANY), 0, 0, 0, 0, ...u16(rdata.length)];
  return ok(Uint8Array.from([...keyName.value, ...fixed, ...rdata]));
}

/** The TSIG record of a message, or null when it has none. The error says why the message must be refused (FORMERR). */
export function findTsig(message: Uint8Array): Result<FoundTsig | null, string> {
  if (message.length < HEADER_OCTETS) return err('the message is shorter than a header');
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const [questions, records] = [view.getUint16(4), view.getUint16(6) + view.getUint16(8) + view.getUint16(10)];
  const hasAdditionals = view.getUint16(10) > 0;
  let position = HEADER_OCTETS;
  for (let index = 0; index < questions; index += 1) {
    const name = readName(message, position);
    if (!name.ok) return name;
    position = name.value.end + 4;
  }
  for (let index = 0; index < records; index += 1) {
    const name = readName(message, position);
    if (!name.ok) return name;
    const fixed = name.value.end;
    if (fixed + RECORD_FIXED_OCTETS > message.length) return err('the message ends inside a record');
    const end = fixed + RECORD_FIXED_OCTETS + view.getUint16(fixed + 8);
    if (end > message.length) return err('the message ends inside a record');
    if (view.getUint16(fixed) === RR_TYPE.TSIG) {
      // RFC 8945 section 5.1: the last record of the additional section, and no other is one.
      if (index < records - 1 || !hasAdditionals || end !== message.length) return err('TSIG is not the last record');
      const owner = formatName(lowerCaseName(name.value.wire));
      const record = readTsigRecord(owner, message.subarray(fixed, end));
      return record.ok ? ok({ start: position, record: record.value }) : record;
    }
    position = end;
  }
  return ok(null);
}

/** `octets` begin at the type. */
function readTsigRecord(keyName: DomainName, octets: Uint8Array): Result<TsigRecord, string> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  // RFC 8945 section 4.2: class ANY, TTL 0.
  if (view.getUint16(2) !== CLASS_ANY || view.getUint32(4) !== 0)
    return err('class or TTL of the TSIG record is wrong');
  const rdata = octets.subarray(RECORD_FIXED_OCTETS);
  const algorithm = readName(rdata, 0);
  if (!algorithm.ok) return algorithm;
  const fixed = RECORD_FIXED_OCTETS + algorithm.value.end;
  if (fixed + RDATA_FIXED_OCTETS > octets.length) return err('the TSIG record is too short');
  const macStart = fixed + RDATA_FIXED_OCTETS;
  const macEnd = macStart + view.getUint16(fixed + 8);
  if (macEnd + 6 > octets.length) return err('the TSIG record is too short');
  const otherStart = macEnd + 6;
  if (otherStart + view.getUint16(macEnd + 4) !== octets.length) return err('the TSIG record has a wrong length');
  return ok({
    keyName,
    algorithmName: formatName(lowerCaseName(algorithm.value.wire)),
    timeSignedSeconds: view.getUint16(fixed) * 2 ** 32 + view.getUint32(fixed + 2),
    fudgeSeconds: view.getUint16(fixed + 6),
    mac: Uint8Array.from(octets.subarray(macStart, macEnd)),
    originalId: view.getUint16(macEnd),
    error: view.getUint16(macEnd + 2),
    otherData: Uint8Array.from(octets.subarray(otherStart)),
  });
}

function u16(value: number): readonly [number, number] {
  return [(value >> 8) & 0xff, value & 0xff];
}

function u48(value: number): readonly number[] {
  return [2 ** 40, 2 ** 32, 2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(value / unit) % 256);
}
