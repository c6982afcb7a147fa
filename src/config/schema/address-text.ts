// Addresses of probers and nodes: one IPv4 or IPv6 address that a client could connect to.
import { err, ok } from '../../base/result.ts';
import { parseIpAddress, unreachableReason } from '../ip-address.ts';
import { textValue } from './text-value.ts';

export const addressText = textValue({ kind: 'address', expected: 'an IPv4 or IPv6 address' }, (text) => {
  const address = parseIpAddress(text);
  if (!address.ok) return err({ reason: address.error, remedy: REMEDY });
  const unreachable = unreachableReason(address.value);
  return unreachable === null ? ok(address.value.text) : err({ reason: unreachable, remedy: REMEDY });
});

const REMEDY = 'Write the address on which clients reach the machine';
