// Hostile and random input: the answering code never throws, never exceeds a size, and whatever it says is read the same
// by two decoders that are not ours.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode, type PacketRecord } from 'dns-packet';
import { Packet } from 'dns2';
import fc from 'fast-check';
import { formatAddress, parseAddress } from '../../../src/dns/address.ts';
import type { Message, MessageRecord } from '../../../src/dns/decode-message.ts';
import { RR_TYPE } from '../../../src/dns/rr-type.ts';
import { answer } from '../../../src/zone/answer.ts';
import { ResponseWriter } from '../../../src/zone/response-writer.ts';
import { decoded, queryOctets, respondTo } from '../../support/dns/ask.ts';
import { EXAMPLE_ZONE } from '../../support/dns/example-zone.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

const ZONES = [zoneOf(EXAMPLE_ZONE)];
const STATE = { zones: ZONES, mode: { kind: 'fresh' } } as const;
const MUTATED_PACKETS = 100_000;

const labels = ['www', 'a', '*', 'sub', 'ns', 'wild', 'alias', 'second', 'mail', '_sip', '_tcp', 'x'.repeat(63), 'WwW'];
const name = fc
  .array(fc.constantFrom(...labels), { maxLength: 4 })
  .map((parts) => [...parts, 'example.com.'].join('.'))
  .filter((text) => text.length < 250);
const type = fc.constantFrom(...(Object.keys(RR_TYPE) as (keyof typeof RR_TYPE)[]));
const edns = fc.option(
  fc.record({ udpOctets: fc.nat(65_535), version: fc.constantFrom(0, 0, 0, 1), dnssecOk: fc.boolean() }),
  {
    nil: null,
  },
);
const id = fc.nat(65_535);
const query = fc
  .record({ name, type, edns, id })
  .map(({ name: asked, type: kind, ...rest }) => queryOctets(asked, kind, rest));

describe('answer', () => {
  test(`survives ${MUTATED_PACKETS} mutated packets within its limits`, () => {
    const writer = new ResponseWriter();
    const change = fc.tuple(fc.nat(80), fc.nat(255));
    const mutated = fc.tuple(query, fc.array(change, { maxLength: 4 }), fc.nat(3), fc.uint8Array({ maxLength: 12 }));
    let answered = 0;
    fc.assert(
      fc.property(mutated, ([octets, changes, cut, tail]) => {
        const packet = Buffer.concat([octets, tail]).subarray(0, cut === 0 ? octets.length - 3 : undefined);
        for (const [position, value] of changes) if (position < packet.length) packet[position] = value;
        const length = answer(packet, { state: STATE, transport: 'udp', writer });
        if (length > 0) answered += 1;
        assert.ok(length === 0 || (length >= 12 && length <= 1232), `${length} octets`);
        if (length > 0) decoded(writer.octets.subarray(0, length));
      }),
      { numRuns: MUTATED_PACKETS },
    );
    assert.ok(answered > MUTATED_PACKETS / 2, `only ${answered} were answered`);
  });

  test('is read by dns2 and dns-packet with the same content', () => {
    const asked = fc.tuple(query, fc.constantFrom<'udp' | 'tcp'>('udp', 'tcp'));
    fc.assert(
      fc.property(asked, ([octets, transport]) => {
        const response = respondTo(octets, ZONES, { transport });
        assert.ok(response !== null);
        const ours = decoded(response);
        assert.deepEqual(withDnsPacket(response), content(ours));
        assert.deepEqual(withDns2(response), headOf(ours));
      }),
      { numRuns: 5_000 },
    );
  });
});

/** Names are compared in lower case and without the trailing dot, which dns-packet leaves out. */
function plainName(text: string): string {
  return text.toLowerCase().replace(/\.$/, '');
}

function content(message: Message): unknown {
  const list = (records: readonly MessageRecord[]) =>
    records.map((record) => [plainName(record.name), record.type, record.ttlSeconds, plainName(record.text)]);
  return [list(message.answers), list(message.authorities), list(message.additionals), message.opt?.udpOctets ?? 0];
}

function withDnsPacket(response: Uint8Array): unknown {
  const packet = decode(Buffer.from(response));
  const list = (records: readonly PacketRecord[]) =>
    records
      .filter((record) => record.type !== 'OPT')
      .map((record) => [plainName(record.name), record.type, record.ttl, foreignData(record)]);
  const opt = packet.additionals.find((record) => record.type === 'OPT');
  return [list(packet.answers), list(packet.authorities), list(packet.additionals), opt?.udpPayloadSize ?? 0];
}

/** What dns-packet read, written the way we write it. */
function foreignData({ type: kind, data }: PacketRecord): string {
  const fields = data as Readonly<Record<string, unknown>>;
  switch (kind) {
    case 'AAAA': {
      const address = parseAddress(String(data));
      return address.ok ? formatAddress(address.value.octets) : '';
    }
    case 'MX':
      return `${fields.preference} ${fields.exchange}`;
    case 'SRV':
      return `${fields.priority} ${fields.weight} ${fields.port} ${fields.target}`;
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = fields;
      return `${mname}. ${rname}. ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    case 'CAA':
      return `${fields.flags} ${fields.tag} "${fields.value}"`;
    case 'TXT':
      return (data as readonly Buffer[]).map((part) => `"${part.toString('latin1')}"`).join(' ');
    default:
      return plainName(String(data));
  }
}

function headOf(message: Message): unknown {
  const owners = (records: readonly MessageRecord[]) => records.map((record) => plainName(record.name));
  return {
    errors: 0,
    id: message.id,
    answers: owners(message.answers),
    authorities: owners(message.authorities),
    additionals: owners(message.additionals),
  };
}

function withDns2(response: Uint8Array): unknown {
  const packet = Packet.parse(Buffer.from(response));
  const owners = (records: readonly { readonly name: string; readonly type: number }[]) =>
    records.filter((record) => record.type !== RR_TYPE.OPT).map((record) => plainName(record.name));
  return {
    errors: packet.errors?.length ?? 0,
    id: packet.header.id,
    answers: owners(packet.answers),
    authorities: owners(packet.authorities),
    additionals: owners(packet.additionals),
  };
}
