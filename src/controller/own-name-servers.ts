// Which of our own name servers answer for the name of a service, and where they can be asked.
import type { Config, Endpoint, ServiceConfig } from '../config/config.ts';

export type OwnNameServer = { readonly prober: string; readonly server: Endpoint };

export function ownNameServers(config: Config, service: ServiceConfig): readonly OwnNameServer[] {
  const zone = config.dns.zones.find((candidate) => candidate.name === service.record.zone);
  return (zone?.nameServers ?? []).flatMap(({ prober }) => {
    const found = config.cluster.probers.find((candidate) => candidate.id === prober);
    const [listen] = found?.listen ?? [];
    if (found === undefined || listen === undefined) return [];
    const isWildcard = listen.host === '0.0.0.0' || listen.host === '::';
    return [{ prober, server: isWildcard ? { host: found.address, port: listen.port } : listen }];
  });
}
