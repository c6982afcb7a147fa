// A zone of Route 53 for real probers: the double of the service, and name servers that answer what it holds.
import { ownershipName } from '../../../src/plan/ownership.ts';
import { serveRoute53 } from '../../demo/cloud-zone.ts';
import { Route53Double, type Seen } from '../../doubles/route53/route53-double.ts';
import type { HeldRecord, ProviderPlace } from './provider-place.ts';
import { waitUntil } from './wait-until.ts';

const ZONE = 'example.com';
const WRITE = 'ChangeResourceRecordSets';

export async function startRoute53Place(beside: readonly string[] = []): Promise<ProviderPlace> {
  await using opened = new AsyncDisposableStack();
  const double = await Route53Double.start();
  const { servers } = opened.use(await serveRoute53(ZONE, double));
  const [zone] = double.zones.all();
  const { accessKeyId, secretAccessKey } = double.addKey();
  const addresses = [...servers.map(({ port }) => `127.0.0.1:${port}`), ...beside];
  const listed = addresses.map((address) => JSON.stringify(address)).join(', ');
  const gate = Promise.withResolvers<void>();
  const parked: Seen[] = [];
  const all = opened.move();
  return {
    zone: ZONE,
    // Without keys: the SDK finds them in the environment by itself.
    written: `{ kind: route53, zone: ${ZONE}, hostedZoneId: ${zone?.id}, endpoint: "${double.endpoint}", timeout: 2s, servers: [${listed}] }`,
    env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    contents: (name) => contentsOf(double, [name, ownershipName(name)]),
    records: (name) => recordsOf(double, [name, ownershipName(name)]),
    edit: (name, address) => {
      const held = [...(zone?.sets.values() ?? [])].find((set) => set.name === `${name}.` && set.type === 'A');
      const fields = { Name: `${name}.`, Type: 'A', TTL: held?.ttl ?? 1, ResourceRecords: [{ Value: address }] };
      const batch = { Changes: [{ Action: 'UPSERT', ResourceRecordSet: fields }] };
      if (zone !== undefined) double.zones.change(zone.id, batch, Date.now());
    },
    writes: () => {
      const writes = double.seen.filter(({ operation }) => operation === WRITE);
      return { arrived: writes.length, done: writes.filter(({ isDone }) => isDone).length };
    },
    setFate: (fate) => {
      const kind = fate === 'loseAnswer' ? 'dropAfter' : 'drop';
      double.fault = ({ operation }) => (operation === WRITE && fate !== 'pass' ? { kind } : null);
    },
    port: servers[0]?.port ?? 0,
    park: (arrived) => {
      double.fault = ({ operation }) => {
        const seen = double.seen.at(-1);
        if (operation !== WRITE || seen === undefined || parked.length > 0) return null;
        parked.push(seen);
        arrived();
        return { kind: 'slow', until: gate.promise };
      };
    },
    release: async () => {
      gate.resolve();
      await waitUntil('what was parked to be answered', async () => parked.every(({ status }) => status !== null));
      return parked.map(({ status }) => (status === 200 ? 'done' : 'refused'));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function contentsOf(double: Route53Double, names: readonly string[]): readonly string[] {
  return recordsOf(double, names)
    .map(({ value }) => value)
    .toSorted();
}

function recordsOf(double: Route53Double, names: readonly string[]): readonly HeldRecord[] {
  const [zone] = double.zones.all();
  const held = [...(zone?.sets.values() ?? [])].filter(({ name }) => names.includes(name.slice(0, -1)));
  return held.flatMap(({ type, ttl, values }) => values.map((value) => ({ type, ttl: ttl ?? 0, value })));
}
