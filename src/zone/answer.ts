// What an authoritative server says to one message (RFC 1034 section 4.3.2), as a function of the message and one frozen
// state. Faults of clients are answered by the shortest response that tells them; loops and fragments get silence.
import { assertNever } from '../base/assert-never.ts';
import { EDNS_VERSION, EXTENDED_ERROR } from '../dns/edns.ts';
import { decodeQuery, HEADER_OCTETS, type Query } from '../dns/query.ts';
import { RCODE } from '../dns/rcode.ts';
import { CLASS_IN, isMetaType, RR_TYPE } from '../dns/rr-type.ts';
import { answerFromZone } from './answer-from-zone.ts';
import type { CompiledZone } from './compiled-zone.ts';
import { isAtOrBelow } from './find-name.ts';
import type { ResponseWriter, Transport } from './response-writer.ts';
import type { ServingMode, ServingState } from './serving-state.ts';

const OPCODE_QUERY = 0;

export type AnswerOptions = {
  readonly state: ServingState;
  readonly transport: Transport;
  /** Receives the response; its former content is overwritten. */
  readonly writer: ResponseWriter;
};

/** Writes the response to `message` into the writer and returns its length; 0 means that no answer may be given. */
export function answer(message: Uint8Array, { state, transport, writer }: AnswerOptions): number {
  const reading = decodeQuery(message);
  if (!reading.ok) {
    if (reading.error.kind === 'silence') return 0;
    writer.begin(message, reading.error.head, { transport });
    return refuse(writer, RCODE.FORMERR, null);
  }
  const query = reading.value;
  writer.begin(message, query, { transport });
  // RFC 6891 section 6.1.3 comes first: what a higher version means is not known here.
  if (query.edns !== null && query.edns.version > EDNS_VERSION) return refuse(writer, RCODE.BADVERS, null);
  if (query.opcode !== OPCODE_QUERY) return refuse(writer, RCODE.NOTIMP, EXTENDED_ERROR.NOT_SUPPORTED);
  if (query.class !== CLASS_IN) return refuse(writer, RCODE.REFUSED, EXTENDED_ERROR.NOT_SUPPORTED);
  if (isMetaType(query.type) && query.type !== RR_TYPE.ANY) return refuseMetaType(writer, query.type);
  const zone = selectZone(state.zones, message, query);
  if (zone === null) return refuse(writer, RCODE.REFUSED, EXTENDED_ERROR.NOT_AUTHORITATIVE);
  if (zone.kind === 'awaiting') return refuse(writer, RCODE.SERVFAIL, EXTENDED_ERROR.NOT_READY);
  if (!applyMode(writer, state.mode)) return refuse(writer, RCODE.SERVFAIL, EXTENDED_ERROR.INVALID_DATA);
  return answerFromZone(query, zone, writer);
}

function refuse(writer: ResponseWriter, rcode: number, extendedError: number | null): number {
  return writer.finish({ rcode, isAuthoritative: false, extendedError });
}

/** Transfers are not offered (RFC 5936 section 2.2.1); OPT, TKEY and TSIG are never asked for; the rest is obsolete. */
function refuseMetaType(writer: ResponseWriter, type: number): number {
  if (type === RR_TYPE.AXFR || type === RR_TYPE.IXFR) {
    return refuse(writer, RCODE.REFUSED, EXTENDED_ERROR.NOT_SUPPORTED);
  }
  const isNonsense = type === RR_TYPE.OPT || type === RR_TYPE.TKEY || type === RR_TYPE.TSIG;
  return refuse(writer, isNonsense ? RCODE.FORMERR : RCODE.NOTIMP, EXTENDED_ERROR.NOT_SUPPORTED);
}

/**
 * The zone with the longest apex above the name. DS belongs to the parent (RFC 4035 section 3.1.4.1): the zone whose
 * apex is the very name is passed over if another one encloses it.
 */
function selectZone(zones: readonly CompiledZone[], message: Uint8Array, query: Query): CompiledZone | null {
  const place = { octets: message, start: HEADER_OCTETS, end: query.nameEnd };
  let best: CompiledZone | null = null;
  let own: CompiledZone | null = null;
  for (const zone of zones) {
    if (!isAtOrBelow(place, zone.apex)) continue;
    if (query.type === RR_TYPE.DS && zone.apex.length === place.end - place.start) own = zone;
    else if (best === null || zone.apex.length > best.apex.length) best = zone;
  }
  return best ?? own;
}

/** S30. False: this state must not be answered from. */
function applyMode(writer: ResponseWriter, mode: ServingMode): boolean {
  switch (mode.kind) {
    case 'fresh':
      return true;
    case 'lost':
    case 'stale':
      writer.capTtl(mode.ttlCapSeconds);
      return true;
    case 'refuse':
      return false;
    default:
      return assertNever(mode);
  }
}
