// EDNS(0) (RFC 6891): what an OPT record says, its sizes on the wire, and the extended errors of RFC 8914.

/** The OPT record of a message. Options are ignored unless listed here (RFC 6891 section 6.1.2). */
export type Edns = {
  /** Largest UDP message that the sender can take; below 512 it counts as 512 (RFC 6891 section 6.2.3). */
  readonly udpOctets: number;
  readonly version: number;
  /** DO, RFC 3225: answered with the same value even though there are no signatures to send yet. */
  readonly dnssecOk: boolean;
};

/** RFC 6891 section 6.1.3: the only version there is. */
export const EDNS_VERSION = 0;
/** Own limit for UDP: 1280 octets, the smallest IPv6 path MTU, less headers; inside the 1400 of RFC 9715, never fragmented. */
export const EDNS_UDP_OCTETS = 1232;
/** RFC 1035 section 4.2.1: without EDNS. */
export const PLAIN_UDP_OCTETS = 512;
/** Root owner, type, class, ttl and an rdata length of zero. */
export const OPT_OCTETS = 11;
/** Option code, option length and INFO-CODE without text. */
export const EXTENDED_ERROR_OCTETS = 6;
/** Option code of an extended error (RFC 8914 section 2). */
export const EXTENDED_ERROR_OPTION = 15;

/** INFO-CODE values of RFC 8914 section 4. */
export const EXTENDED_ERROR = {
  /** Section 4.15: the server is up, but has no data for the zone yet. */
  NOT_READY: 14,
  /** Section 4.21: the name is in none of our zones. */
  NOT_AUTHORITATIVE: 20,
  /** Section 4.22: an opcode or QTYPE that is not offered. */
  NOT_SUPPORTED: 21,
  /** Section 4.25 names this very case: the most recent zone is too old. */
  INVALID_DATA: 24,
} as const;
