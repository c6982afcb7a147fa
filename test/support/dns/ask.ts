// Asks a zone a question in one line and gets a decoded message back: query and response pass through real octets.
import assert from 'node:assert/strict';
import { decodeMessage, type Message } from '../../../src/dns/decode-message.ts';
import { encodeQuery, type QuerySpec } from '../../../src/dns/encode-query.ts';
import { RR_TYPE } from '../../../src/dns/rr-type.ts';
import { answer } from '../../../src/zone/answer.ts';
import type { CompiledZone } from '../../../src/zone/compiled-zone.ts';
import { ResponseWriter, type Transport } from '../../../src/zone/response-writer.ts';
import type { ServingMode } from '../../../src/zone/serving-state.ts';

export type AskOptions = Partial<Omit<QuerySpec, 'type'>> & {
  readonly mode?: ServingMode;
  readonly transport?: Transport;
};

/** The octets of a query; the type may be a number such as 65280. */
export function queryOctets(name: string, type: keyof typeof RR_TYPE | number, options: AskOptions = {}): Uint8Array {
  const number = typeof type === 'number' ? type : RR_TYPE[type];
  const octets = encodeQuery({ id: 4711, edns: null, ...options, name, type: number });
  assert.ok(octets.ok, `${name} must be a name`);
  return octets.value;
}

/** The response to `message`, or null for silence. */
export function respondTo(
  message: Uint8Array,
  zones: readonly CompiledZone[],
  { mode = { kind: 'fresh' }, transport = 'udp' }: AskOptions = {},
): Uint8Array | null {
  const writer = new ResponseWriter();
  const length = answer(message, { state: { zones, mode }, transport, writer });
  return length === 0 ? null : writer.octets.slice(0, length);
}

/** Asks `"NAME TYPE"` and decodes what comes back. */
export function ask(
  zones: CompiledZone | readonly CompiledZone[],
  question: string,
  options: AskOptions = {},
): Message {
  const [name = '', type = ''] = question.split(' ');
  const list = 'kind' in zones ? [zones] : zones;
  const number = type.startsWith('TYPE') ? Number(type.slice(4)) : (type as keyof typeof RR_TYPE);
  const response = respondTo(queryOctets(name, number, options), list, options);
  assert.ok(response !== null, `${question} must be answered`);
  return decoded(response);
}

/** Decodes octets that must be a message. */
export function decoded(octets: Uint8Array): Message {
  const message = decodeMessage(octets);
  assert.ok(message.ok, message.ok ? '' : message.error);
  return message.value;
}

/** A response as text, one line a record: easy to read in a test and in its failure. */
export function show(message: Message): string {
  const flags = [
    rcodeNames.get(message.rcode) ?? `RCODE${message.rcode}`,
    ...(message.isAuthoritative ? ['aa'] : []),
    ...(message.isTruncated ? ['tc'] : []),
  ];
  const lines = (['answers', 'authorities', 'additionals'] as const).flatMap((section) =>
    message[section].map(
      ({ name, ttlSeconds, type, text }) => `${section.slice(0, 2)} ${name} ${ttlSeconds} ${type} ${text}`,
    ),
  );
  return [flags.join(' '), ...lines].join('\n');
}

const rcodeNames: ReadonlyMap<number, string> = new Map([
  [0, 'NOERROR'],
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [3, 'NXDOMAIN'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
  [16, 'BADVERS'],
]);
