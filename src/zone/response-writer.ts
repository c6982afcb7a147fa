// Builds one response in a buffer that is used again for the next one. It knows sizes, pointers and truncation;
// which records belong into a response is decided in answer.ts.
import {
  EDNS_UDP_OCTETS,
  EDNS_VERSION,
  type Edns,
  EXTENDED_ERROR_OCTETS,
  EXTENDED_ERROR_OPTION,
  OPT_OCTETS,
  PLAIN_UDP_OCTETS,
} from '../dns/edns.ts';
import { HEADER_OCTETS, type QueryHead } from '../dns/query.ts';
import { RR_TYPE } from '../dns/rr-type.ts';
import type { CompiledRrset } from './compiled-zone.ts';

/** RFC 1035 section 4.2.2: the length prefix of TCP has 16 bits. */
const MESSAGE_MAX_OCTETS = 65_535;

export type Transport = 'udp' | 'tcp';

export type Section = 'answer' | 'authority' | 'additional';

export type ResponseEnd = {
  readonly rcode: number;
  readonly isAuthoritative: boolean;
  /** INFO-CODE of RFC 8914, sent when the client speaks EDNS. */
  readonly extendedError: number | null;
};

const POINTER_BITS = 0xc0;
/** Fourteen bits of offset (RFC 1035 section 4.1.4). */
const POINTER_MAX = 0x3fff;
/** Pointer, type and class stand before the TTL of a record. */
const TTL_OFFSET = 6;

export class ResponseWriter {
  /** The message so far. Positions in it are what pointers mean. */
  readonly octets: Uint8Array = new Uint8Array(MESSAGE_MAX_OCTETS);
  #position = HEADER_OCTETS;
  #questionEnd = HEADER_OCTETS;
  #limit = PLAIN_UDP_OCTETS;
  #edns: Edns | null = null;
  #ttlCapSeconds = Number.POSITIVE_INFINITY;
  #answers = 0;
  #authorities = 0;
  #additionals = 0;
  #isTruncated = false;

  /** Starts a response to `message`: echoes id, opcode, RD and the question, letter case included. */
  begin(message: Uint8Array, head: QueryHead, options: { readonly transport: Transport }): void {
    const { octets } = this;
    const end = head.questionEnd;
    octets[0] = message[0] as number;
    octets[1] = message[1] as number;
    // QR, the opcode and RD as asked. AA and TC follow in finish.
    octets[2] = 0x80 | ((message[2] as number) & 0x79);
    octets[3] = 0;
    for (let index = HEADER_OCTETS; index < end; index += 1) octets[index] = message[index] as number;
    this.#questionEnd = end;
    this.#position = end;
    this.#edns = head.edns;
    this.#limit =
      sizeLimit(head.edns, options.transport) - (head.edns === null ? 0 : OPT_OCTETS + EXTENDED_ERROR_OCTETS);
    this.#ttlCapSeconds = Number.POSITIVE_INFINITY;
    this.#answers = 0;
    this.#authorities = 0;
    this.#additionals = 0;
    this.#isTruncated = false;
  }

  /** Of the message that is answered. */
  get queryId(): number {
    return ((this.octets[0] as number) << 8) | (this.octets[1] as number);
  }

  /** No record of this response gets a higher TTL (S30). */
  capTtl(ttlCapSeconds: number): void {
    this.#ttlCapSeconds = ttlCapSeconds;
  }

  /**
   * Adds a whole RRset whose owner is the name at `owner`, and returns where its records begin, or -1 when it does not
   * fit. RFC 2181 section 9: never half of an RRset.
   */
  addRrset(section: Section, rrset: CompiledRrset, owner: number): number {
    const start = this.#position;
    const size = rrset.octets.length;
    if (this.#isTruncated || start + size > this.#limit || owner > POINTER_MAX) return -1;
    this.octets.set(rrset.octets, start);
    this.#position = start + size;
    if (owner !== HEADER_OCTETS) this.#pointOwners(rrset, start, owner);
    if (rrset.ttlSeconds > this.#ttlCapSeconds) this.#lowerTtls(rrset, start);
    if (section === 'answer') this.#answers += rrset.count;
    else if (section === 'authority') this.#authorities += rrset.count;
    else this.#additionals += rrset.count;
    return start;
  }

  /** Gives up on sections: the client must come back by TCP. Everything after the question goes (RFC 2181 section 9). */
  truncate(): void {
    this.#isTruncated = true;
    this.#position = this.#questionEnd;
    this.#answers = 0;
    this.#authorities = 0;
    this.#additionals = 0;
  }

  /** Completes header and OPT, and returns the length of the message in `octets`. */
  finish({ rcode, isAuthoritative, extendedError }: ResponseEnd): number {
    const { octets } = this;
    if (this.#edns !== null) this.#addOpt(this.#edns, rcode, extendedError);
    octets[2] = (octets[2] as number) | (isAuthoritative ? 0x04 : 0) | (this.#isTruncated ? 0x02 : 0);
    octets[3] = rcode & 0x0f;
    this.#put16(4, this.#questionEnd > HEADER_OCTETS ? 1 : 0);
    this.#put16(6, this.#answers);
    this.#put16(8, this.#authorities);
    this.#put16(10, this.#additionals);
    return this.#position;
  }

  #pointOwners(rrset: CompiledRrset, start: number, owner: number): void {
    for (const record of rrset.starts) {
      this.octets[start + record] = POINTER_BITS | (owner >> 8);
      this.octets[start + record + 1] = owner & 0xff;
    }
  }

  #lowerTtls(rrset: CompiledRrset, start: number): void {
    for (const record of rrset.starts) {
      this.#put16(start + record + TTL_OFFSET, this.#ttlCapSeconds >>> 16);
      this.#put16(start + record + TTL_OFFSET + 2, this.#ttlCapSeconds & 0xffff);
    }
  }

  /** RFC 6891 section 6.1.1: who sent OPT gets OPT, in errors and truncated responses too. Its room was kept free. */
  #addOpt(edns: Edns, rcode: number, extendedError: number | null): void {
    const at = this.#position;
    const { octets } = this;
    octets[at] = 0;
    this.#put16(at + 1, RR_TYPE.OPT);
    this.#put16(at + 3, EDNS_UDP_OCTETS);
    octets[at + 5] = rcode >> 4;
    octets[at + 6] = EDNS_VERSION;
    this.#put16(at + 7, edns.dnssecOk ? 0x8000 : 0);
    this.#put16(at + 9, extendedError === null ? 0 : EXTENDED_ERROR_OCTETS);
    this.#position = at + OPT_OCTETS;
    this.#additionals += 1;
    if (extendedError === null) return;
    this.#put16(at + 11, EXTENDED_ERROR_OPTION);
    this.#put16(at + 13, 2);
    this.#put16(at + 15, extendedError);
    this.#position += EXTENDED_ERROR_OCTETS;
  }

  #put16(position: number, value: number): void {
    this.octets[position] = value >> 8;
    this.octets[position + 1] = value & 0xff;
  }
}

function sizeLimit(edns: Edns | null, transport: Transport): number {
  if (transport === 'tcp') return MESSAGE_MAX_OCTETS;
  return edns === null ? PLAIN_UDP_OCTETS : Math.min(edns.udpOctets, EDNS_UDP_OCTETS);
}
