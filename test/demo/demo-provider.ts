// Where the name of the demo lives: in our own name servers, in a real BIND that takes updates, or at a double of a cloud with
// name servers that serve what it holds. Beside each of them runs a real Unbound, as the resolver of somebody.
import { startSmallServer } from '../support/servers/small-server.ts';
import { startBindPair } from './bind-pair.ts';
import { startCloudflare, startRoute53 } from './cloud-zone.ts';

export const DEMO_ZONE = 'ha.example.com';
const KINDS = ['builtin', 'rfc2136', 'route53', 'cloudflare'] as const;
export type DemoProviderKind = (typeof KINDS)[number];
export const KNOWN_PROVIDERS = KINDS.join(', ');

/** A zone somewhere else, and the servers that answer for it. */
export type DemoZone = AsyncDisposable & {
  /** What stands in the entry of `providers`. */
  readonly written: string;
  readonly servers: readonly { readonly name: string; readonly port: number }[];
  /** Least TTL there, which operations wait for; 0 where it is shorter than that of the demo. */
  readonly ttlMaxSeconds: number;
};

export type DemoProvider = DemoZone & {
  readonly name: DemoProviderKind;
  /** Port of the resolver. */
  readonly resolver: number;
};

/** `--provider rfc2136` or `--provider=rfc2136`; null for a kind that the demo does not know. */
export function readProviderKind(args: readonly string[]): DemoProviderKind | null {
  const at = args.findIndex((arg) => arg === '--provider' || arg.startsWith('--provider='));
  if (at < 0) return 'builtin';
  const value = args[at]?.startsWith('--provider=') ? args[at]?.slice('--provider='.length) : args[at + 1];
  return KINDS.find((kind) => kind === value) ?? null;
}

export async function startDemoProvider(kind: DemoProviderKind): Promise<DemoProvider> {
  const nothing = { written: '', servers: [], ttlMaxSeconds: 0, [Symbol.asyncDispose]: async () => {} };
  if (kind === 'builtin') return { ...nothing, name: kind, resolver: 0 };
  const zone = await START[kind]();
  try {
    const resolver = await startUnbound(zone.servers[0]?.port ?? 0);
    return {
      ...zone,
      name: kind,
      resolver: resolver.port,
      [Symbol.asyncDispose]: async () => {
        await resolver[Symbol.asyncDispose]();
        await zone[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await zone[Symbol.asyncDispose]();
    throw error;
  }
}

const START: Readonly<Record<Exclude<DemoProviderKind, 'builtin'>, () => Promise<DemoZone>>> = {
  rfc2136: () => startBindPair(DEMO_ZONE),
  route53: () => startRoute53(DEMO_ZONE),
  cloudflare: () => startCloudflare(DEMO_ZONE),
};

/** It asks the zone's first server, caches as the TTL says, and does not keep for long that a name is not there. */
function startUnbound(authority: number): Promise<AsyncDisposable & { readonly port: number }> {
  return startSmallServer({
    program: 'unbound',
    debianPackage: 'unbound',
    args: ({ directory }) => ['-d', '-c', `${directory}/unbound.conf`],
    files: ({ port, directory }) => ({
      'unbound.conf': `server:
  directory: "${directory}"
  pidfile: ""
  username: ""
  chroot: ""
  use-syslog: no
  interface: 127.0.0.1@${port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "iterator"
  cache-max-negative-ttl: 1
remote-control:
  control-enable: no
stub-zone:
  name: "${DEMO_ZONE}"
  stub-addr: 127.0.0.1@${authority}
`,
    }),
  });
}
