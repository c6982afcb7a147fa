// What the name of a service was written to answer last: who looks at the world compares with this.
import type { Config, ServiceConfig } from '../config/config.ts';
import { atEachProvider } from '../config/second-provider.ts';
import type { DnsIntent } from '../failover/intent.ts';
import { type DnsSubject, dnsSubject } from '../plan/judge-propagation.ts';

export function writtenSubject(
  { providers }: Pick<Config, 'providers'>,
  service: ServiceConfig,
  write: DnsIntent | null,
): DnsSubject | null {
  const { record, nodes } = service;
  const kinds = atEachProvider(service).map((at) => providers.find(({ name }) => name === at.record.provider)?.kind);
  // Cloudflare answers for a proxied name with addresses of its own (Cloudflare docs, "Proxy status").
  const mayHide = kinds.includes('cloudflare');
  return dnsSubject({ name: record.name, sorry: record.sorry, nodes, write, mayHide });
}

/** Our own name servers hold it, and report what they have loaded. */
export function isOwnZone({ providers }: Pick<Config, 'providers'>, { record }: ServiceConfig): boolean {
  const kind = providers.find(({ name }) => name === record.provider)?.kind;
  return kind === undefined || kind === 'builtin';
}
