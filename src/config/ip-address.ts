// Which IP addresses configuration accepts, and the one text of each, so that equal addresses are equal texts.
import { err, ok, type Result } from '../base/result.ts';
import { formatAddress, parseAddress } from '../dns/address.ts';

export type IpAddress = {
  readonly family: 4 | 6;
  /** Dotted quad, or the canonical text of RFC 5952. */
  readonly text: string;
};

/** IPv4-mapped IPv6 is refused: published as AAAA it would lead nowhere. */
export function parseIpAddress(text: string): Result<IpAddress, string> {
  const address = parseAddress(text);
  if (!address.ok) return err('expected an IPv4 or IPv6 address such as 192.0.2.10 or 2001:db8::10');
  const canonical = formatAddress(address.value.octets);
  if (canonical.startsWith('::ffff:')) return err('expected an address of one family, not IPv4 inside IPv6');
  return ok({ family: address.value.family, text: canonical });
}

/** Why no client could ever connect to the address, or null when it could. */
export function unreachableReason({ family, text }: IpAddress): string | null {
  if (text === '0.0.0.0' || text === '::') return 'the unspecified address names no machine';
  if (family === 4) {
    return Number.parseInt(text, 10) >= MULTICAST_V4 ? 'multicast and reserved addresses name no machine' : null;
  }
  const prefix = Number.parseInt(text, 16);
  if ((prefix & 0xff00) === 0xff00 && !text.startsWith(':')) return 'multicast addresses name no machine';
  return (prefix & 0xffc0) === 0xfe80 ? 'a link-local address means nothing on another link' : null;
}

/** RFC 5771 and RFC 1112 section 4: from here on nothing is a host. */
const MULTICAST_V4 = 224;
