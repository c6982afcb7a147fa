// Which servers answer for a zone: its NS records and their addresses, asked of the given resolvers or of the system's. Node's
// resolver is cancelled at the deadline; its own timeouts are longer than they say.
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { DomainName } from '../base/ids.ts';

/** RFC 1035 section 4.2.1: more do not fit into a referral. */
const SERVERS_MAX = 13;
/** More addresses of one server are not worth asking. */
const ADDRESSES_MAX = 8;
const TRY_MS = 1_500;

export type FoundNameServers =
  | {
      readonly kind: 'found';
      readonly servers: readonly { readonly name: DomainName; readonly addresses: readonly string[] }[];
    }
  | { readonly kind: 'unknown'; readonly reason: string };

export type FindOptions = {
  /** Asked in this order; empty: those of the system. */
  readonly resolvers: readonly { readonly host: string; readonly port: number }[];
  readonly signal: AbortSignal;
};

/** Never rejects. A server whose name has no address is listed without one. */
export async function findNameServers(zone: DomainName, { resolvers, signal }: FindOptions): Promise<FoundNameServers> {
  const resolver = new Resolver({ timeout: TRY_MS, tries: 2 });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) throw new Error('no time was left');
    // Names of resolvers would need a resolver themselves.
    const servers = resolvers.filter(({ host }) => isIP(host) !== 0);
    if (servers.length > 0) resolver.setServers(servers.map(hostPortText));
    const names = (await resolver.resolveNs(zone.replace(/\.$/, ''))).slice(0, SERVERS_MAX);
    const found = await Promise.all(
      names.map(async (name) => ({
        name: `${name.toLowerCase().replace(/\.$/, '')}.`,
        addresses: await addressesOf(resolver, name),
      })),
    );
    return { kind: 'found', servers: found.sort((one, other) => (one.name < other.name ? -1 : 1)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'unknown', reason: `Cannot find the name servers of ${zone}: ${reason}` };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function addressesOf(resolver: Resolver, name: string): Promise<readonly string[]> {
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const all = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  return all.slice(0, ADDRESSES_MAX);
}

function hostPortText({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
