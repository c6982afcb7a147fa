// A cluster whose record lives at a real server of dynamic updates, which it reaches through a relay that can stall, hold and lose its updates.
import assert from 'node:assert/strict';
import type { Rrset } from '../../../src/dns/rrset.ts';
import { managedNames, parseOwnership } from '../../../src/plan/ownership.ts';
import { askSerial } from '../../support/dns/ask-serial.ts';
import { openUpdateRelay, type UpdateRelay } from '../../support/dns/update-relay.ts';
import { updateClient, waitForZones } from '../../support/provider-world-rfc2136.ts';
import { startBind } from '../../support/servers/bind-server.ts';
import { startKnot } from '../../support/servers/knot-server.ts';
import { POWERDNS_API_KEY, startPowerDns } from '../../support/servers/powerdns-server.ts';
import type { SmallServer } from '../../support/servers/small-server.ts';
import { UPDATE_KEY } from '../../support/servers/update-zones.ts';
import { Cluster } from './cluster.ts';
import { type Change, RECORD } from './cluster-files.ts';
import type { CopyingServer } from './copying-server.ts';

const ZONE = 'example.com.';
/** Far more than a server on loopback takes. */
const HAND_PATIENCE_MS = 20_000;

export type UpdateCluster = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly relay: UpdateRelay;
  readonly server: SmallServer;
  /** What the zone holds for the service, and its serial. */
  readonly zone: () => Promise<HeldZone>;
  /** Types that stand at the names of the service. */
  readonly types: () => Promise<readonly string[]>;
  /** Somebody else's hand: the address of the service becomes this one, and nothing else changes. */
  readonly edit: (address: string) => Promise<void>;
};

export type HeldZone = { readonly rrsets: readonly Rrset[]; readonly serial: number; readonly seq: number };

/** The servers, and how each is written into a configuration. */
export const UPDATE_SERVERS = {
  BIND: { start: startBind, kind: 'rfc2136' },
  'Knot DNS': { start: startKnot, kind: 'rfc2136' },
  PowerDNS: { start: startPowerDns, kind: 'powerdns' },
} as const;

export type UpdateServerName = keyof typeof UPDATE_SERVERS;

/** `copy`: one more name server of the zone; `changes` are made after its own. */
export async function runAt(
  serverName: UpdateServerName,
  { copy, changes = [] }: { readonly copy?: CopyingServer; readonly changes?: readonly Change[] } = {},
): Promise<UpdateCluster> {
  await using begun = new AsyncDisposableStack();
  const { start, kind } = UPDATE_SERVERS[serverName];
  const server = begun.use(await start());
  const relay = begun.use(await openUpdateRelay(server.port));
  const client = updateClient(server.port);
  await waitForZones(client);
  const nameServer = { host: '127.0.0.1', port: server.port };
  const api = 'apiUrl' in server ? `\n    api: { url: "${server.apiUrl}", apiKey: "\${env:API_KEY}" }` : '';
  const { name, algorithm, secret } = UPDATE_KEY;
  const providers = `providers:
  primary:
    kind: ${kind}
    zones: [${ZONE}]
    server: "127.0.0.1:${relay.port}"
    tsig: { name: ${name}, algorithm: ${algorithm}, secret: "\${env:TSIG_SECRET}" }
    servers: [${[`127.0.0.1:${server.port}`, ...(copy === undefined ? [] : [copy.address])].map((address) => JSON.stringify(address)).join(', ')}]
    timeout: 1s${api}
services:`;
  const list = () => client.list(ZONE, { names: managedNames(RECORD), signal: AbortSignal.timeout(HAND_PATIENCE_MS) });
  const edit = async (address: string): Promise<void> => {
    const before = (await list()).find(({ type }) => type === 'A');
    assert.ok(before !== undefined);
    const options = { idempotencyKey: address, signal: AbortSignal.timeout(HAND_PATIENCE_MS) };
    const done = await client.apply(ZONE, [{ before, after: { ...before, values: [address] } }], options);
    assert.equal(done.kind, 'applied');
  };
  const zone = async (): Promise<HeldZone> => {
    const rrsets = await list();
    const ownership = parseOwnership(rrsets.find(({ type }) => type === 'TXT')?.values[0] ?? '');
    assert.ok(ownership.ok, JSON.stringify(rrsets));
    return { rrsets, serial: askSerial(server.port, ZONE), seq: ownership.value.seq };
  };
  copy?.follow(async () =>
    (await zone()).rrsets.flatMap(({ type, ttlSeconds, values }) =>
      type === 'A' ? values.map((value) => `${RECORD} ${ttlSeconds} A ${value}`) : [],
    ),
  );
  const cluster = begun.use(
    await Cluster.running({
      hasFaultPoints: true,
      nameServer,
      env: { TSIG_SECRET: secret, API_KEY: POWERDNS_API_KEY },
      changes: [
        ['name: ha.example.com.', 'name: ha.example.net.'],
        ['services:', providers],
        [`name: ${RECORD},`, `name: ${RECORD}, provider: primary,`],
        ...changes,
      ],
    }),
  );
  const all = begun.move();
  const types = async () => (await list()).map(({ type }) => type).toSorted();
  return { cluster, relay, server, zone, types, edit, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The zone names `address` alone, with one ownership TXT. */
export function assertNames({ rrsets }: HeldZone, address: string): void {
  const addresses = rrsets.filter(({ type }) => type === 'A' || type === 'AAAA').map(({ values }) => values);
  assert.deepEqual(addresses, [[address]]);
  assert.equal(rrsets.length, 2, JSON.stringify(rrsets));
}
