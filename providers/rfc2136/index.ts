// A zone at any server that takes dynamic updates (RFC 2136) signed with TSIG (RFC 8945). A write is one UPDATE whose
// prerequisites are what it replaces, so a stale controller's write fails at the server itself (S26, S27).
import { OneupError } from '../../src/base/oneup-error.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { RFC2136_CAPABILITIES } from './capabilities.ts';
import { type ReadZone, writeGuarded } from './guarded-write.ts';
import { makePrimary, type PrimaryOptions } from './primary.ts';
import { readNames } from './read-names.ts';

export type Rfc2136ProviderOptions = PrimaryOptions;

/** Keeps nothing of its own: any number of them may work on one zone. */
export function createRfc2136Provider(options: Rfc2136ProviderOptions): DnsProvider {
  const primary = makePrimary(options);
  const read: ReadZone = (zone, place) => readNames(primary, zone, place);
  return {
    name: options.name,
    kind: 'rfc2136',
    capabilities: RFC2136_CAPABILITIES,
    list: async (zone, place) => {
      place.signal.throwIfAborted();
      const listed = await read(zone, place);
      if (listed.ok) return listed.value;
      throw new OneupError(listed.error.code, `Cannot list ${zone}: ${listed.error.reason}`);
    },
    apply: (zone, changes, rest) => writeGuarded({ primary, read }, zone, changes, rest),
    // The primary serves what it has written before it answers. When its secondaries do is another question, which
    // PROPAGATE asks every server of the zone.
    confirm: async () => 'insync',
  };
}
