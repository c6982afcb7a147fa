// Decodes a whole message, responses included, into plain values: for tools, propagation reports and tests.
// The server itself uses the lighter `decodeQuery`. Total: any octets give a message or a reason.
import { err, ok, type Result } from '../base/result.ts';
import { formatName } from './domain-name.ts';
import { expandRdata } from './expand-rdata.ts';
import { formatRdata } from './format-rdata.ts';
import { readName } from './name-reader.ts';
import { HEADER_OCTETS } from './query.ts';
import { CLASS_ANY, CLASS_NONE, formatType, RR_TYPE, rrTypeOf } from './rr-type.ts';

export type Question = { readonly name: string; readonly type: string; readonly class: number };

export type MessageRecord = Question & {
  /** RFC 2181 section 8: a value with the high bit set counts as 0. For OPT this is its flags field. */
  readonly ttlSeconds: number;
  /** Uncompressed. */
  readonly rdata: Uint8Array;
  /** Presentation form, or `\# length hex` (RFC 3597 section 5) for types without one here. */
  readonly text: string;
};

export type Message = {
  readonly id: number;
  readonly opcode: number;
  /** With the upper bits from OPT where there is one (RFC 6891 section 6.1.3). */
  readonly rcode: number;
  readonly isResponse: boolean;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly questions: readonly Question[];
  readonly answers: readonly MessageRecord[];
  readonly authorities: readonly MessageRecord[];
  readonly additionals: readonly MessageRecord[];
  readonly opt: MessageOpt | null;
};

/** The OPT record, taken out of the additional section. */
export type MessageOpt = {
  readonly udpOctets: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  readonly options: readonly { readonly code: number; readonly data: Uint8Array }[];
};

type Read<T> = Result<{ readonly value: T; readonly end: number }, string>;

/** Reads a message to its last octet. The error is the reason and nothing else. */
export function decodeMessage(message: Uint8Array): Result<Message, string> {
  if (message.length < HEADER_OCTETS)
    return err(`a message has at least ${HEADER_OCTETS} octets, found ${message.length}`);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const questions = readMany(view.getUint16(4), HEADER_OCTETS, (position) => readQuestion(message, position));
  if (!questions.ok) return questions;
  const answers = readMany(view.getUint16(6), questions.value.end, (position) => readRecord(message, position));
  if (!answers.ok) return answers;
  const authorities = readMany(view.getUint16(8), answers.value.end, (position) => readRecord(message, position));
  if (!authorities.ok) return authorities;
  const additionals = readMany(view.getUint16(10), authorities.value.end, (position) => readRecord(message, position));
  if (!additionals.ok) return additionals;
  if (additionals.value.end !== message.length)
    return err(`${message.length - additionals.value.end} octets are left over`);
  const optRecord = additionals.value.value.find(({ type }) => type === 'OPT');
  const flags = view.getUint16(2);
  return ok({
    id: view.getUint16(0),
    opcode: (flags >> 11) & 0x0f,
    rcode: (flags & 0x0f) | (optRecord === undefined ? 0 : (optRecord.ttlSeconds >>> 24) << 4),
    isResponse: (flags & 0x8000) !== 0,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    questions: questions.value.value,
    answers: answers.value.value,
    authorities: authorities.value.value,
    additionals: additionals.value.value.filter(({ type }) => type !== 'OPT'),
    opt: optRecord === undefined ? null : readOptRecord(optRecord),
  });
}

function readMany<T>(count: number, start: number, read: (position: number) => Read<T>): Read<readonly T[]> {
  const items: T[] = [];
  let position = start;
  for (let index = 0; index < count; index += 1) {
    const item = read(position);
    if (!item.ok) return item;
    items.push(item.value.value);
    position = item.value.end;
  }
  return ok({ value: items, end: position });
}

function readQuestion(message: Uint8Array, position: number): Read<Question> {
  const name = readName(message, position);
  if (!name.ok) return name;
  const { wire, end } = name.value;
  if (end + 4 > message.length) return err('the message ends inside a question');
  const value = { name: formatName(wire), type: formatType(u16(message, end)), class: u16(message, end + 2) };
  return ok({ value, end: end + 4 });
}

function readRecord(message: Uint8Array, position: number): Read<MessageRecord> {
  const question = readQuestion(message, position);
  if (!question.ok) return question;
  const fixed = question.value.end;
  const start = fixed + 6;
  const end = start + u16(message, fixed + 4);
  if (start > message.length || end > message.length) return err('the message ends inside a record');
  const typeNumber = u16(message, fixed - 4);
  const rawTtl = u16(message, fixed) * 65_536 + u16(message, fixed + 2);
  // RFC 2136 sections 2.4 and 2.5: in an UPDATE such a record speaks about an RRset and holds no data of its type.
  const { class: recordClass } = question.value.value;
  const isBare = end === start && (recordClass === CLASS_ANY || recordClass === CLASS_NONE);
  const rdata = isBare ? ok(new Uint8Array()) : expandRdata(message, { type: typeNumber, start, end });
  if (!rdata.ok) return rdata;
  const type = rrTypeOf(typeNumber);
  const isKnown = type !== null && !isBare;
  const text = isKnown ? formatRdata(type, rdata.value) : ok(isBare ? '' : formatUnknown(rdata.value));
  if (!text.ok) return text;
  const ttlSeconds = rawTtl > 0x7fffffff && typeNumber !== RR_TYPE.OPT ? 0 : rawTtl;
  return ok({ value: { ...question.value.value, ttlSeconds, rdata: rdata.value, text: text.value }, end });
}

function formatUnknown(rdata: Uint8Array): string {
  return `\\# ${rdata.length} ${Buffer.from(rdata).toString('hex')}`.trimEnd();
}

function readOptRecord(record: MessageRecord): MessageOpt {
  const options: { code: number; data: Uint8Array }[] = [];
  for (let position = 0; position + 4 <= record.rdata.length; ) {
    const end = position + 4 + u16(record.rdata, position + 2);
    options.push({ code: u16(record.rdata, position), data: record.rdata.subarray(position + 4, end) });
    position = end;
  }
  const dnssecOk = (record.ttlSeconds & 0x8000) !== 0;
  return { udpOctets: record.class, version: (record.ttlSeconds >>> 16) & 0xff, dnssecOk, options };
}

/** Zero beyond the end: callers check the end before they use what follows. */
function u16(octets: Uint8Array, position: number): number {
  return ((octets[position] ?? 0) << 8) | (octets[position + 1] ?? 0);
}
