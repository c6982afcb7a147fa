// A zone at PowerDNS. Written only by guarded updates (S27: its HTTP API has no condition on what it replaces); listed through
// the HTTP API, which also tells the server to notify the secondaries of the zone. A failover is five requests: a list of two
// names, the look just before the update, the update, and the notify.
import type { DomainName } from '../../src/base/ids.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { RFC2136_CAPABILITIES } from '../rfc2136/capabilities.ts';
import { type ReadZone, writeGuarded } from '../rfc2136/guarded-write.ts';
import { makePrimary, type PrimaryOptions } from '../rfc2136/primary.ts';
import { readNames } from '../rfc2136/read-names.ts';
import { type Api, type ApiOptions, askApi } from './ask-api.ts';
import { readByApi, zoneId } from './read-zone.ts';

export type PowerDnsProviderOptions = PrimaryOptions & { readonly api: ApiOptions };

/** The write is done when the secondaries are told; a server that takes long to say so must not hold it up. */
const NOTIFY_TIMEOUT_MS = 1_000;

/** Keeps nothing of its own: any number of them may work on one zone. */
export function createPowerDnsProvider({ api: address, ...rest }: PowerDnsProviderOptions): DnsProvider {
  const primary = makePrimary(rest);
  const api: Api = { ...address, clock: rest.clock, timeoutMs: rest.timeoutMs };
  const read = readByApi(api);
  return {
    name: rest.name,
    kind: 'powerdns',
    capabilities: RFC2136_CAPABILITIES,
    list: async (zone, place) => {
      place.signal.throwIfAborted();
      const listed = await read(zone, place);
      if (listed.ok) return listed.value;
      throw new OneupError(listed.error.code, `Cannot list ${zone}: ${listed.error.reason}`);
    },
    apply: async (zone, changes, options) => {
      // Over DNS, where all names and types go over one connection: what may be written was decided by a list of the API, and
      // this look is for what changed since then.
      const look: ReadZone = (where, place) => readNames(primary, where, place);
      const result = await writeGuarded({ primary, read: look }, zone, changes, options);
      if (result.kind === 'applied') await notify(api, zone, options.signal);
      return result;
    },
    // The primary has it. When its secondaries have is another question, which PROPAGATE asks every server of the zone.
    confirm: async () => 'insync',
  };
}

/**
 * Tells the secondaries now, and not when the server looks for new serials by itself, once a minute. Whether it works changes
 * nothing about the write: PROPAGATE sees who lags behind, and a zone of kind Native has nobody to tell.
 */
async function notify(api: Api, zone: DomainName, signal: AbortSignal): Promise<void> {
  const timeoutMs = Math.min(api.timeoutMs, NOTIFY_TIMEOUT_MS);
  await askApi({ ...api, timeoutMs }, { method: 'PUT', path: `zones/${zoneId(zone)}/notify`, signal });
}
