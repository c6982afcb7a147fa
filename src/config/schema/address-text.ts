// Addresses of probers and nodes: one IPv4 or IPv6 address that a client could connect to.
import { err, ok, type Result } from '../../base/result.ts';
import { parseIpAddress, unreachableReason } from '../ip-address.ts';
import { type TextFault, textValue } from './text-value.ts';

export const addressText = textValue({ kind: 'address', expected: 'an IPv4 or IPv6 address' }, readAddress);

/** The one spelling of an address, or what is wrong with it. */
export function readAddress(text: string): Result<string, TextFault> {
  const address = parseIpAddress(text);
  if (!address.ok) return err({ reason: address.error, remedy: REMEDY });
  const unreachable = unreachableReason(address.value);
  return unreachable === null ? ok(address.value.text) : err({ reason: unreachable, remedy: REMEDY });
}

const REMEDY = 'Write the address on which clients reach the machine';
