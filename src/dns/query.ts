// Decodes what a name server is asked: header, question and OPT. Total: any octets give a query, a fault, or silence.
// It copies nothing; names stay where they are in the message, and offsets say where. Room for TSIG: records are
// walked to the end, so a last record of that type can be reported here beside OPT.
import { err, ok, type Result } from '../base/result.ts';
import { NAME_MAX_OCTETS } from './domain-name.ts';
import { type Edns, PLAIN_UDP_OCTETS } from './edns.ts';
import { RR_TYPE } from './rr-type.ts';

/** RFC 1035 section 4.1.1. */
export const HEADER_OCTETS = 12;

/** What every response needs, even to a message that is otherwise wrong. */
export type QueryHead = {
  readonly opcode: number;
  /** End of a question that can be echoed; HEADER_OCTETS when there is none. */
  readonly questionEnd: number;
  readonly edns: Edns | null;
};

export type Query = QueryHead & {
  /** The name asked for is at HEADER_OCTETS up to here, uncompressed. */
  readonly nameEnd: number;
  readonly type: number;
  readonly class: number;
};

export type QueryFault =
  /** No answer may be given: answering responses makes loops, and less than a header has no id. */
  { readonly kind: 'silence' } | { readonly kind: 'malformed'; readonly head: QueryHead };

const RESPONSE_BIT = 0x80;
const OPCODE_QUERY = 0;
/** Type, class, ttl and rdata length. */
const RECORD_FIXED_OCTETS = 10;
const SILENCE: Result<never, QueryFault> = err({ kind: 'silence' });

/** Reads a message from a client. With another opcode than QUERY the question may be absent: type and class are then 0. */
export function decodeQuery(message: Uint8Array): Result<Query, QueryFault> {
  if (message.length < HEADER_OCTETS) return SILENCE;
  const flags = message[2] as number;
  if (flags >= RESPONSE_BIT) return SILENCE;
  const opcode = (flags >> 3) & 0x0f;
  const questions = u16(message, 4);
  let nameEnd = HEADER_OCTETS;
  let position = HEADER_OCTETS;
  for (let index = 0; index < questions; index += 1) {
    nameEnd = skipPlainName(message, position);
    position = nameEnd + 4;
    if (nameEnd < 0 || position > message.length) return malformed(opcode, HEADER_OCTETS, null);
  }
  const hasOne = questions === 1;
  const questionEnd = hasOne ? position : HEADER_OCTETS;
  const records = u16(message, 6) + u16(message, 8);
  const additional = u16(message, 10);
  let edns: Edns | null = null;
  if (records + additional > 0 || position !== message.length) {
    const tail = readTail(message, position, { records, additional });
    if (tail.isMalformed) return malformed(opcode, questionEnd, tail.edns);
    edns = tail.edns;
  }
  // RFC 9619 section 4: a QUERY has exactly one question.
  if (!hasOne && opcode === OPCODE_QUERY) return malformed(opcode, questionEnd, edns);
  const type = hasOne ? u16(message, nameEnd) : 0;
  const qclass = hasOne ? u16(message, nameEnd + 2) : 0;
  return ok({ opcode, questionEnd, edns, nameEnd, type, class: qclass });
}

function malformed(opcode: number, questionEnd: number, edns: Edns | null): Result<never, QueryFault> {
  return err({ kind: 'malformed', head: { opcode, questionEnd, edns } });
}

/** End of an uncompressed name, or -1. The first name of a message has nothing before it to point to. */
function skipPlainName(message: Uint8Array, start: number): number {
  let position = start;
  for (;;) {
    const length = message[position];
    if (length === undefined || length > 63) return -1;
    position += 1 + length;
    if (position - start > NAME_MAX_OCTETS) return -1;
    if (length === 0) return position;
  }
}

type Tail = { readonly isMalformed: boolean; readonly edns: Edns | null };

/** Walks the records after the question. Their number is bounded by the message: each takes at least 11 octets. */
function readTail(
  message: Uint8Array,
  start: number,
  counts: { readonly records: number; readonly additional: number },
): Tail {
  let edns: Edns | null = null;
  let position = start;
  for (let index = 0; index < counts.records + counts.additional; index += 1) {
    const nameEnd = skipName(message, position);
    const rdata = nameEnd + RECORD_FIXED_OCTETS;
    if (nameEnd < 0 || rdata > message.length) return { isMalformed: true, edns };
    const end = rdata + u16(message, nameEnd + 8);
    if (end > message.length) return { isMalformed: true, edns };
    if (u16(message, nameEnd) === RR_TYPE.OPT) {
      // RFC 6891 section 6.1.1: one OPT, in the additional section, owned by the root.
      const isMisplaced = edns !== null || index < counts.records || nameEnd !== position + 1;
      if (isMisplaced || !hasWholeOptions(message, rdata, end)) return { isMalformed: true, edns };
      edns = readOpt(message, nameEnd);
    }
    position = end;
  }
  return { isMalformed: position !== message.length, edns };
}

/** End of a name that may end in a pointer, or -1. The pointer is not followed: only OPT is of interest here. */
function skipName(message: Uint8Array, start: number): number {
  let position = start;
  for (;;) {
    const length = message[position];
    if (length === undefined || position - start > NAME_MAX_OCTETS) return -1;
    if (length >= 0xc0) return position + 2;
    if (length > 63) return -1;
    position += 1 + length;
    if (length === 0) return position;
  }
}

function hasWholeOptions(message: Uint8Array, start: number, end: number): boolean {
  let position = start;
  while (position < end) {
    if (position + 4 > end) return false;
    position += 4 + u16(message, position + 2);
  }
  return position === end;
}

function readOpt(message: Uint8Array, fixed: number): Edns {
  return {
    udpOctets: Math.max(PLAIN_UDP_OCTETS, u16(message, fixed + 2)),
    version: message[fixed + 5] as number,
    dnssecOk: (message[fixed + 6] as number) >= 0x80,
  };
}

function u16(octets: Uint8Array, position: number): number {
  return ((octets[position] as number) << 8) | (octets[position + 1] as number);
}
