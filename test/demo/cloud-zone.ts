// A cloud's zone for the demo: the double takes the writes over its real protocol, and two name servers on loopback serve what it
// holds, as the servers of the cloud would.
import { randomUUID } from 'node:crypto';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { startNameServer } from '../../src/server/name-server.ts';
import type { ServingState } from '../../src/zone/serving-state.ts';
import { startCloudflareDouble } from '../doubles/cloudflare/start-cloudflare-double.ts';
import { Route53Double } from '../doubles/route53/route53-double.ts';
import { collectingLogger } from '../support/dns/live-server.ts';
import { zoneOf } from '../support/dns/zone-text.ts';
import type { DemoZone } from './demo-provider.ts';

/** `name ttl type value`, names absolute. */
type Line = string;

export async function startCloudflare(zone: string): Promise<DemoZone> {
  const id = 'd'.repeat(32);
  const token = `${randomUUID()}cf00`;
  const double = await startCloudflareDouble({ zones: [{ id, name: zone }] });
  double.grant(token);
  const lines = () =>
    double.zone(id).records.map(({ name, ttl, type, content }) => `${name}. ${ttl} ${type} ${quoted(type, content)}`);
  const written = `kind: cloudflare, zone: ${zone}, zoneId: ${id}, apiToken: ${token}, endpoint: "${double.baseUrl}"`;
  return serve(zone, { lines, written, ttlMaxSeconds: 60, close: async () => double[Symbol.asyncDispose]() });
}

export async function startRoute53(zone: string): Promise<DemoZone> {
  return serveRoute53(zone, await Route53Double.start());
}

/** Ends with the double. */
export function serveRoute53(zone: string, double: Route53Double): Promise<DemoZone> {
  const id = double.zones.create(`${zone}.`);
  const { accessKeyId, secretAccessKey } = double.addKey();
  const lines = () =>
    double.zones
      .list(id)
      .flatMap(({ name, type, ttl, values }) =>
        type === 'NS' || type === 'SOA' ? [] : values.map((value) => `${name} ${ttl} ${type} ${value}`),
      );
  const keys = `accessKeyId: ${accessKeyId}, secretAccessKey: ${secretAccessKey}`;
  const written = `kind: route53, zone: ${zone}, hostedZoneId: ${id}, endpoint: "${double.endpoint}", ${keys}`;
  return serve(zone, { lines, written, ttlMaxSeconds: 0, close: async () => double[Symbol.asyncDispose]() });
}

function quoted(type: string, content: string): string {
  return type === 'TXT' && !content.startsWith('"') ? JSON.stringify(content) : content;
}

type Cloud = Pick<DemoZone, 'written' | 'ttlMaxSeconds'> & {
  readonly lines: () => readonly Line[];
  readonly close: () => Promise<void>;
};

async function serve(zone: string, { lines, written, ttlMaxSeconds, close }: Cloud): Promise<DemoZone> {
  const state = stateOf(zone, lines);
  const servers = await Promise.all(
    ['cloud-1', 'cloud-2'].map(async (name) => ({
      name,
      server: await startNameServer({
        endpoints: [{ host: '127.0.0.1', port: 0 }],
        clock: createSystemClock(),
        logger: collectingLogger([]),
        state,
        limits: {},
      }),
    })),
  );
  return {
    written,
    ttlMaxSeconds,
    servers: servers.map(({ name, server }) => ({ name, port: server.endpoints[0]?.port ?? 0 })),
    [Symbol.asyncDispose]: async () => {
      for (const { server } of servers) await server[Symbol.asyncDispose]();
      await close();
    },
  };
}

/** What is served follows what the double holds; the serial rises with every change. */
function stateOf(zone: string, lines: () => readonly Line[]): () => ServingState {
  let last = '';
  let serial = 0;
  let state: ServingState;
  return () => {
    const text = lines().join('\n');
    if (serial === 0 || text !== last) {
      last = text;
      serial += 1;
      const apex = `${zone}. 60 SOA ns1.${zone}. hostmaster.${zone}. ${serial} 60 5 86400 1\n${zone}. 60 NS ns1.${zone}.\nns1.${zone}. 60 A 127.0.0.1\n`;
      state = Object.freeze({ zones: [zoneOf(apex + text)], mode: { kind: 'fresh' } });
    }
    return state;
  };
}
