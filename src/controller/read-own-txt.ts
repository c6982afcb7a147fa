// Finds the ownership TXT that a service of this cluster left beside a name (S26), as the provider holds it now.
import type { DomainName, ServiceId } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';
import { ownershipName, parseOwnership } from '../plan/ownership.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';

export type OwnTxtOptions = {
  readonly cluster: string;
  readonly service: ServiceId;
  readonly name: DomainName;
  readonly zone: DomainName;
  readonly signal: AbortSignal;
};

/** Null where there is none, or that of somebody else. Throws what the provider throws. */
export async function readOwnTxt(provider: DnsProvider, options: OwnTxtOptions): Promise<Rrset | null> {
  const { cluster, service, name, zone, signal } = options;
  const owner = ownershipName(name);
  const listed = await provider.list(zone, { names: [owner], signal });
  const txt = listed.find((rrset) => rrset.name === owner && rrset.type === 'TXT');
  const ownership = parseOwnership(txt?.values[0] ?? '');
  const isOurs = ownership.ok && ownership.value.cluster === cluster && ownership.value.service === service;
  return isOurs ? (txt ?? null) : null;
}
