// A running cluster whose record lives at one of the providers, in one shape for all of them: what the zone holds, what was
// asked of it, and a hand on the wire. The real BIND, Knot DNS and PowerDNS, and the doubles of Cloudflare and Route 53.
import assert from 'node:assert/strict';
import { parseOwnership } from '../../../src/plan/ownership.ts';
import { startCloudflarePlace } from './cloudflare-place.ts';
import { Cluster } from './cluster.ts';
import { type Change, RECORD } from './cluster-files.ts';
import type { CopyingServer } from './copying-server.ts';
import type { HeldRecord, ProviderPlace, WriteFate } from './provider-place.ts';
import { startRoute53Place } from './route53-place.ts';
import { runAt, type UpdateServerName } from './update-cluster.ts';

export type StoryKind = UpdateServerName | 'Cloudflare' | 'Route 53';

export type StoryPlace = AsyncDisposable & {
  readonly cluster: Cluster;
  readonly held: () => Promise<Held>;
  /** Types that stand at the names of the service. */
  readonly types: () => Promise<readonly string[]>;
  /** Somebody else's hand: the address of the service becomes this one, and nothing else changes. */
  readonly edit: (address: string) => Promise<void>;
  /** Requests to change the zone that have arrived. */
  readonly arrived: () => number;
  readonly setFate: (fate: WriteFate) => void;
};

export type Held = {
  readonly address: string;
  readonly ttl: number;
  /** Of the ownership: one for each write of the service. */
  readonly seq: number;
  /** Rises with every change of the zone, by one. */
  readonly changes: number;
};

export type StoryOptions = {
  /** One more name server of the zone. */
  readonly copy?: CopyingServer;
  readonly changes?: readonly Change[];
};

/** Some TTLs of Cloudflare, which takes none below a minute, and what a busy machine adds. */
const MINUTES_PATIENCE_MS = 300_000;

export function openStory(kind: StoryKind, options: StoryOptions = {}): Promise<StoryPlace> {
  switch (kind) {
    case 'BIND':
    case 'Knot DNS':
    case 'PowerDNS':
      return openAtServer(kind, options);
    case 'Cloudflare':
      return openAtDouble(startCloudflarePlace, options, MINUTES_PATIENCE_MS);
    case 'Route 53':
      return openAtDouble(startRoute53Place, options);
  }
}

async function openAtServer(kind: UpdateServerName, options: StoryOptions): Promise<StoryPlace> {
  const { cluster, relay, zone, types, edit, ...place } = await runAt(kind, options);
  return {
    ...{ cluster, types, edit },
    held: async () => {
      const { rrsets, serial } = await zone();
      const records = rrsets.flatMap(({ type, ttlSeconds, values }) =>
        values.map((value) => ({ type, ttl: ttlSeconds, value })),
      );
      return heldIn(records, serial);
    },
    arrived: () => relay.writes(),
    setFate: (fate) => relay.setFate(fate),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

async function openAtDouble(
  start: (beside?: readonly string[]) => Promise<ProviderPlace>,
  { copy, changes = [] }: StoryOptions,
  patienceMs?: number,
): Promise<StoryPlace> {
  await using opened = new AsyncDisposableStack();
  const place = opened.use(await start(copy === undefined ? [] : [copy.address]));
  const name = RECORD.slice(0, -1);
  const lines = () =>
    place.records(name).flatMap(({ type, ttl, value }) => (type === 'A' ? [`${RECORD} ${ttl} A ${value}`] : []));
  copy?.follow(async () => lines());
  const cluster = opened.use(
    await Cluster.running({
      hasFaultPoints: true,
      nameServer: { host: '127.0.0.1', port: place.port },
      env: place.env,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      changes: [
        ['name: ha.example.com.', 'name: ha.example.net.'],
        ['services:\n', `providers:\n  far: ${place.written}\nservices:\n`],
        [`name: ${RECORD},`, `name: ${RECORD}, provider: far,`],
        ...changes,
      ],
    }),
  );
  const all = opened.move();
  return {
    cluster,
    held: async () => heldIn(place.records(name), place.writes().done),
    types: async () =>
      place
        .records(name)
        .map(({ type }) => type)
        .toSorted(),
    edit: async (address) => place.edit(name, address),
    arrived: () => place.writes().arrived,
    setFate: place.setFate,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** One address with one ownership TXT: anything else is a write that was done twice, or half. */
function heldIn(records: readonly HeldRecord[], changes: number): Held {
  const [address, text] = [...records].sort((one, other) => one.type.localeCompare(other.type));
  assert.deepEqual([address?.type, text?.type, records.length], ['A', 'TXT', 2], JSON.stringify(records));
  const value = text?.value ?? '';
  const ownership = parseOwnership(value.startsWith('"') ? value : JSON.stringify(value));
  assert.ok(ownership.ok, JSON.stringify(records));
  return { address: address?.value ?? '', ttl: address?.ttl ?? 0, seq: ownership.value.seq, changes };
}
