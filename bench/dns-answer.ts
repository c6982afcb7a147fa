// How fast the answering code is, without sockets: decode a plain A query with OPT, find the name, write two addresses.
// dns2 and dns-packet do the same job in the same run, because absolute numbers say more about the machine than the code.
// Usage: node bench/dns-answer.ts [seconds for each]. The last line is JSON.
import { decode, encode } from 'dns-packet';
import { Packet } from 'dns2';
import { createSystemClock } from '../src/clock/system-clock.ts';
import { answer } from '../src/zone/answer.ts';
import { ResponseWriter } from '../src/zone/response-writer.ts';
import { queryOctets } from '../test/support/dns/ask.ts';
import { zoneOf } from '../test/support/dns/zone-text.ts';

const ADDRESSES = ['192.0.2.80', '192.0.2.81'] as const;
const TTL_SECONDS = 20;
const UDP_OCTETS = 1_232;
const ZONE = `
example.com.     3600 SOA ns1.example.com. hostmaster.example.com. 1 3600 600 86400 5
example.com.     3600 NS  ns1.example.com.
ns1.example.com. 3600 A   192.0.2.1
www.example.com. ${TTL_SECONDS} A ${ADDRESSES[0]}
www.example.com. ${TTL_SECONDS} A ${ADDRESSES[1]}
`;
const ROUNDS = 5;
const BATCH = 2_000;

type Contender = { readonly name: string; readonly respond: () => number };

/** Best of several rounds: other work on the machine can only make a round slower. */
function measure({ name, respond }: Contender, { seconds, nowMs }: { seconds: number; nowMs: () => number }): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = nowMs();
    const endMs = startMs + (seconds * 1_000) / ROUNDS;
    let operations = 0;
    let octets = 0;
    while (nowMs() < endMs) {
      for (let index = 0; index < BATCH; index += 1) octets += respond();
      operations += BATCH;
    }
    const perSecond = Math.round(operations / ((nowMs() - startMs) / 1_000));
    best = Math.max(best, perSecond);
    console.log(`${name.padEnd(12)} round ${round + 1}: ${perSecond} answers/s of ${octets / operations} octets`);
  }
  return best;
}

function contenders(query: Uint8Array): readonly [Contender, Contender, Contender] {
  const state = { zones: [zoneOf(ZONE)], mode: { kind: 'fresh' } } as const;
  const options = { state, transport: 'udp', writer: new ResponseWriter() } as const;
  return [
    { name: 'oneup', respond: () => answer(query, options) },
    { name: 'dns2', respond: () => respondWithDns2(Buffer.from(query)) },
    { name: 'dns-packet', respond: () => respondWithDnsPacket(Buffer.from(query)) },
  ];
}

function respondWithDns2(query: Buffer): number {
  const response = Packet.createResponseFromRequest(Packet.parse(query));
  const name = response.questions[0]?.name ?? '';
  for (const address of ADDRESSES) {
    const record = new Packet.Resource({ name, type: Packet.TYPE.A, class: Packet.CLASS.IN, ttl: TTL_SECONDS });
    response.answers.push(Object.assign(record, { address }));
  }
  response.additionals.push(Packet.Resource.EDNS([], { udpPayloadSize: UDP_OCTETS }));
  return response.toBuffer().length;
}

function respondWithDnsPacket(query: Buffer): number {
  const { id, questions } = decode(query);
  const name = questions[0]?.name ?? '';
  const answers = ADDRESSES.map((data) => ({ name, type: 'A', ttl: TTL_SECONDS, data }));
  const opt = { name: '.', type: 'OPT', udpPayloadSize: UDP_OCTETS };
  return encode({ id, type: 'response', flags: 0x0400, questions, answers, additionals: [opt] }).length;
}

/** Heap that one answer leaves behind for the garbage collector; the least of several runs, as a collection may fall into one. */
function heapPerAnswer({ respond }: Contender): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < BATCH; index += 1) respond();
    const grown = process.memoryUsage().heapUsed - before;
    if (grown > 0) least = Math.min(least, grown / BATCH);
  }
  return Math.round(least);
}

function main(seconds: number): void {
  using clock = createSystemClock();
  const query = queryOctets('www.example.com.', 'A', { edns: { udpOctets: UDP_OCTETS } });
  const all = contenders(query);
  const [oneup, dns2, dnsPacket] = all.map((one) => measure(one, { seconds, nowMs: clock.monotonicMs }));
  const ratio = (other = 1): number => Number(((oneup ?? 0) / other).toFixed(1));
  const ratios = { dns2: ratio(dns2), dnsPacket: ratio(dnsPacket) };
  const heapOctets = Object.fromEntries(all.map((one) => [one.name, heapPerAnswer(one)]));
  console.log(JSON.stringify({ bench: 'dns-answer', answersPerSecond: oneup, dns2, dnsPacket, ratios, heapOctets }));
}

main(Number(process.argv[2] ?? 5));
