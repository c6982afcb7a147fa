// A zone of Cloudflare for real probers: the double of the API, and a name server that answers what it holds.
import { randomUUID } from 'node:crypto';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { ownershipName } from '../../../src/plan/ownership.ts';
import { startNameServer } from '../../../src/server/name-server.ts';
import type { ServingState } from '../../../src/zone/serving-state.ts';
import { type CloudflareDouble, startCloudflareDouble } from '../../doubles/cloudflare/start-cloudflare-double.ts';
import { collectingLogger } from '../../support/dns/live-server.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';
import type { HeldRecord, ProviderPlace } from './provider-place.ts';

const ZONE = 'example.com';
const ZONE_ID = 'a'.repeat(32);

export async function startCloudflarePlace(beside: readonly string[] = []): Promise<ProviderPlace> {
  await using opened = new AsyncDisposableStack();
  const double = opened.use(await startCloudflareDouble({ zones: [{ id: ZONE_ID, name: ZONE }] }));
  const clock = opened.use(createSystemClock());
  const endpoints = [{ host: '127.0.0.1', port: 0 }];
  const state = followed(double);
  const options = { endpoints, clock, logger: collectingLogger([]), state, limits: {} };
  const server = opened.use(await startNameServer(options));
  const token = `${randomUUID()}e2e0`;
  double.grant(token);
  const port = server.endpoints[0]?.port ?? 0;
  const servers = [`127.0.0.1:${port}`, ...beside].map((address) => JSON.stringify(address)).join(', ');
  const all = opened.move();
  return {
    zone: ZONE,
    written: `{ kind: cloudflare, zone: ${ZONE}, zoneId: ${ZONE_ID}, apiToken: "\${env:CLOUDFLARE_TOKEN}", endpoint: "${double.baseUrl}", timeout: 2s, servers: [${servers}] }`,
    env: { CLOUDFLARE_TOKEN: token },
    contents: (name) => contentsOf(double, [name, ownershipName(name)]),
    records: (name) => recordsOf(double, [name, ownershipName(name)]),
    edit: (name, address) => {
      const zone = double.zone(ZONE_ID);
      const found = zone.records.find((record) => record.name === name && record.type === 'A');
      if (found !== undefined) zone.edit(found.id, { content: address });
    },
    writes: () => {
      const writes = double.seen.filter(({ method }) => method !== 'GET');
      return { arrived: writes.length, done: writes.filter(({ isDone }) => isDone).length };
    },
    setFate: (fate) => {
      double.heal();
      const kind = fate === 'loseAnswer' ? 'dropAfterApply' : 'drop';
      if (fate !== 'pass') double.fail({ kind, on: 'write', times: Number.POSITIVE_INFINITY });
    },
    port,
    park: (arrived) => double.fail({ kind: 'park', on: 'batch', arrived }),
    release: async () => double.releaseHeld().map((codes) => (codes.length === 0 ? 'done' : 'refused')),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function contentsOf(double: CloudflareDouble, names: readonly string[]): readonly string[] {
  return recordsOf(double, names)
    .map(({ value }) => value)
    .toSorted();
}

function recordsOf(double: CloudflareDouble, names: readonly string[]): readonly HeldRecord[] {
  const held = double.zone(ZONE_ID).records.filter(({ name }) => names.includes(name));
  return held.map(({ type, ttl, content }) => ({ type, ttl, value: content }));
}

/** What is served follows what the double holds; the serial rises with every change. */
function followed(double: CloudflareDouble): () => ServingState {
  let last: string | null = null;
  let serial = 0;
  let state: ServingState | null = null;
  return () => {
    const lines = double
      .zone(ZONE_ID)
      .records.map(({ name, ttl, type, content }) => `${name}. ${ttl} ${type} ${content}`);
    const text = lines.join('\n');
    if (state === null || text !== last) {
      last = text;
      serial += 1;
      const apex = `${ZONE}. 60 SOA ns1.${ZONE}. ops.${ZONE}. ${serial} 60 5 86400 1\n${ZONE}. 60 NS ns1.${ZONE}.\nns1.${ZONE}. 60 A 127.0.0.1\n`;
      state = Object.freeze({ zones: [zoneOf(apex + text)], mode: { kind: 'fresh' } });
    }
    return state;
  };
}
