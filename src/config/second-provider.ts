// A service as its second provider sees it: the same name, nodes and TTLs, in the zone there. Whatever is said of a record at a
// provider, such as a rule or a write, is said of this one by the same code.
import type { ServiceConfig } from './config.ts';

/** Null where the service has one provider. */
export function atSecondProvider(service: ServiceConfig): ServiceConfig | null {
  const { second } = service.record;
  if (second === null) return null;
  return { ...service, record: { ...service.record, provider: second.provider, zone: second.zone, second: null } };
}

/** The service at each of its providers, the first one first. */
export function atEachProvider(service: ServiceConfig): readonly ServiceConfig[] {
  const second = atSecondProvider(service);
  return second === null ? [service] : [service, second];
}

/** Under which name the second provider of a service is on record. */
export function placeOf({ provider, zone }: { readonly provider: string; readonly zone: string }): string {
  return `${provider} ${zone}`;
}
