// A cluster whose record is kept at two real BINDs at once, each of which can be made silent.
import { managedNames, parseOwnership } from '../../../src/plan/ownership.ts';
import type { DnsProvider } from '../../../src/ports/dns-provider.ts';
import { updateClient, waitForZones } from '../../support/provider-world-rfc2136.ts';
import { startBind } from '../../support/servers/bind-server.ts';
import type { SmallServer } from '../../support/servers/small-server.ts';
import { UPDATE_KEY } from '../../support/servers/update-zones.ts';
import { Cluster } from './cluster.ts';
import { RECORD } from './cluster-files.ts';

const ZONE = 'example.com.';

export type PairMember = {
  readonly server: SmallServer;
  /** Addresses at the name, and the number of the write that is in force. */
  readonly held: () => Promise<{ readonly addresses: readonly string[]; readonly seq: number | null }>;
};

export type Pair = AsyncDisposable & {
  readonly cluster: Cluster;
  /** Providers `one` and `two`. */
  readonly one: PairMember;
  readonly two: PairMember;
};

export async function runAtPair(): Promise<Pair> {
  await using begun = new AsyncDisposableStack();
  const servers = [begun.use(await startBind()), begun.use(await startBind())] as const;
  const clients = servers.map(({ port }) => updateClient(port));
  for (const client of clients) await waitForZones(client);
  const cluster = begun.use(
    await Cluster.running({
      hasFaultPoints: true,
      nameServer: { host: '127.0.0.1', port: servers[0].port },
      env: { TSIG_SECRET: UPDATE_KEY.secret },
      changes: [
        ['dns:\n', 'dns:\n  patience: 5s\n'],
        ['name: ha.example.com.', 'name: ha.example.net.'],
        ['services:', `providers:\n${entry('one', servers[0])}${entry('two', servers[1])}services:`],
        [`name: ${RECORD},`, `name: ${RECORD}, provider: one, second: { provider: two },`],
      ],
    }),
  );
  const all = begun.move();
  const [one, two] = servers.map((server, at) => memberOf(server, clients[at])) as [PairMember, PairMember];
  return { cluster, one, two, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

function entry(name: string, { port }: SmallServer): string {
  const key = `{ name: ${UPDATE_KEY.name}, algorithm: ${UPDATE_KEY.algorithm}, secret: "\${env:TSIG_SECRET}" }`;
  const at = `127.0.0.1:${port}`;
  return `  ${name}: { kind: rfc2136, zones: [${ZONE}], server: "${at}", tsig: ${key}, servers: ["${at}"], timeout: 1s }\n`;
}

function memberOf(server: SmallServer, client: DnsProvider | undefined): PairMember {
  const held = async () => {
    const names = managedNames(RECORD);
    const rrsets = (await client?.list(ZONE, { names, signal: AbortSignal.timeout(10_000) })) ?? [];
    const owner = parseOwnership(rrsets.find(({ type }) => type === 'TXT')?.values[0] ?? '');
    const addresses = rrsets.flatMap(({ type, values }) => (type === 'A' ? values : []));
    return { addresses, seq: owner.ok ? owner.value.seq : null };
  };
  return { server, held };
}
