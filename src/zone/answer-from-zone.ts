// The walk through one zone (RFC 1034 section 4.3.2 steps 3 to 6): exact match, CNAME, delegation, wildcard (RFC 4592),
// no data and no such name (RFC 2308), and the addresses that save the client a second question.
import { HEADER_OCTETS, type Query } from '../dns/query.ts';
import { RCODE } from '../dns/rcode.ts';
import { RR_TYPE } from '../dns/rr-type.ts';
import type { CompiledCut, CompiledName, CompiledRrset, LoadedZone } from './compiled-zone.ts';
import { drawValue } from './draw-value.ts';
import { findClosestEncloser, findName, isAtOrBelow, type NamePlace } from './find-name.ts';
import type { ResponseWriter } from './response-writer.ts';

/** CNAME records followed in one answer. checkZone refuses longer chains and loops; wildcards could still make one. */
export const CNAME_CHAIN_MAX = 8;

/** Owner pointer, type, class, ttl and rdata length stand before the target in a CNAME record. */
const RDATA_OFFSET = 12;

/** Fills the writer with the answer to `query`, whose name is in `zone`, and returns the length of the message. */
export function answerFromZone(query: Query, zone: LoadedZone, writer: ResponseWriter): number {
  // The writer has echoed the question, so the name stands in its octets too.
  let place: NamePlace = { octets: writer.octets, start: HEADER_OCTETS, end: query.nameEnd };
  for (let chain = 0; ; chain += 1) {
    const exact = findName(zone.names, place);
    const encloser = exact ?? findClosestEncloser(zone.names, place);
    const { cut } = encloser ?? NOWHERE;
    const isAliased = chain > 0;
    if (cut !== null && !isDsAtCut(query, cut, place)) return finishReferral(writer, cut, { place, isAliased });
    const entry = exact ?? encloser?.wildcard ?? null;
    if (entry === null) return finishNegative(writer, zone, { place, rcode: RCODE.NXDOMAIN });
    const found = chooseRrset(entry, query.type);
    if (found === null) return finishNegative(writer, zone, { place, rcode: RCODE.NOERROR });
    const rrset = drawValue(found, writer.queryId);
    const start = writer.addRrset('answer', rrset, place.start);
    if (start < 0) return finishTruncated(writer, true);
    const isAlias = rrset.type === RR_TYPE.CNAME && query.type !== RR_TYPE.CNAME && query.type !== RR_TYPE.ANY;
    if (!isAlias) {
      addTargets(writer, rrset, { start, isReferral: false });
      return writer.finish(AUTHORITATIVE);
    }
    place = { octets: writer.octets, start: start + RDATA_OFFSET, end: start + rrset.octets.length };
    // A chain that leaves the zone is the resolver's to follow; one that is too long is given as far as it went.
    if (!isAtOrBelow(place, zone.apex) || chain >= CNAME_CHAIN_MAX) return writer.finish(AUTHORITATIVE);
  }
}

const AUTHORITATIVE = { rcode: RCODE.NOERROR, isAuthoritative: true, extendedError: null } as const;
const NOWHERE = { cut: null } as const;

/** RFC 4035 section 3.1.4.1: the parent side of a cut answers for DS. */
function isDsAtCut(query: Query, cut: CompiledCut, place: NamePlace): boolean {
  return query.type === RR_TYPE.DS && place.end - place.start === cut.nameOctets;
}

/** RFC 8482 section 4.1 for ANY: one RRset is an answer, all of them are an amplifier. */
function chooseRrset(entry: CompiledName, type: number): CompiledRrset | null {
  if (type === RR_TYPE.ANY) return entry.representative;
  return entry.rrsets.get(type) ?? entry.cname;
}

/** RFC 2308 section 2: the SOA goes along, with the TTL for which "no" may be kept. RFC 6604: the rcode is the last name's. */
function finishNegative(
  writer: ResponseWriter,
  zone: LoadedZone,
  { place, rcode }: { readonly place: NamePlace; readonly rcode: number },
): number {
  const owner = place.end - zone.apex.length;
  if (writer.addRrset('authority', zone.negativeSoa, owner) < 0) writer.truncate();
  return writer.finish({ rcode, isAuthoritative: true, extendedError: null });
}

/** RFC 1034 section 4.3.2 step 3b. After a CNAME of ours the answer is authoritative for its first owner. */
function finishReferral(
  writer: ResponseWriter,
  cut: CompiledCut,
  { place, isAliased }: { readonly place: NamePlace; readonly isAliased: boolean },
): number {
  const start = writer.addRrset('authority', cut.ns, place.end - cut.nameOctets);
  if (start < 0) return finishTruncated(writer, isAliased);
  if (!addTargets(writer, cut.ns, { start, isReferral: true })) return finishTruncated(writer, isAliased);
  return writer.finish({ rcode: RCODE.NOERROR, isAuthoritative: isAliased, extendedError: null });
}

function finishTruncated(writer: ResponseWriter, isAuthoritative: boolean): number {
  writer.truncate();
  return writer.finish({ rcode: RCODE.NOERROR, isAuthoritative, extendedError: null });
}

/** False: glue without which a referral is useless did not fit (RFC 9471 section 3.1). Other addresses are a courtesy. */
function addTargets(
  writer: ResponseWriter,
  rrset: CompiledRrset,
  { start, isReferral }: { readonly start: number; readonly isReferral: boolean },
): boolean {
  for (const target of rrset.targets) {
    for (const addresses of target.addresses) {
      const isMissing = writer.addRrset('additional', addresses, start + target.offset) < 0;
      if (isMissing && isReferral && target.isRequired) return false;
    }
  }
  return true;
}
