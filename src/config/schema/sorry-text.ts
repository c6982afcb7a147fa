// What says sorry in place of a node: an address as nodes have them, or a name where the nodes are published by name.
import { err } from '../../base/result.ts';
import { parseDomainName } from '../domain-name.ts';
import { readAddress } from './address-text.ts';
import { textValue } from './text-value.ts';

/** Addresses in one spelling; names absolute, with the last dot. */
export const sorryText = textValue({ kind: 'address or name', expected: 'an address or a domain name' }, (text) => {
  // A last label of digits alone is no domain of the Internet (RFC 3696 section 2): this was to be an address.
  if (text.includes(':') || /(?:^|\.)\d+$/.test(text)) return readAddress(text);
  const name = parseDomainName(text);
  return name.ok ? name : err({ reason: name.error, remedy: 'Write the address or the name of the server' });
});
