// Where the benchmark of providers writes: the built-in zone in a store, real servers of dynamic updates, and the doubles of the
// clouds. Each with a count of what it was asked.

import { Secret } from '../../src/base/secret.ts';
import { storeKeys } from '../../src/base/store-keys.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import { ZONE } from '../../test/conformance/provider-samples.ts';
import { startCloudflareDouble } from '../../test/doubles/cloudflare/start-cloudflare-double.ts';
import { Route53Double } from '../../test/doubles/route53/route53-double.ts';
import { openCountingRelay } from '../../test/support/counting-relay.ts';
import { startBind } from '../../test/support/servers/bind-server.ts';
import { POWERDNS_API_KEY, startPowerDns } from '../../test/support/servers/powerdns-server.ts';
import { UPDATE_KEY } from '../../test/support/servers/update-zones.ts';
import { openStorePlace } from '../store/store-place.ts';
import type { Asked } from './asked.ts';

export const PLACE_KINDS = ['builtin', 'rfc2136', 'powerdns', 'route53', 'cloudflare'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

export type ProviderPlace = AsyncDisposable & { readonly provider: DnsProvider; readonly loadMs: number };

type Opening = { readonly asked: Asked; readonly nowMs: () => number; readonly opened: AsyncDisposableStack };
type Opened = Omit<ProviderPlace, typeof Symbol.asyncDispose>;

const TIMEOUT_MS = 10_000;
const TSIG = { ...UPDATE_KEY, secret: new Secret(UPDATE_KEY.secret) };

const OPEN: Readonly<Record<PlaceKind, (opening: Opening) => Promise<Opened>>> = {
  builtin: openBuiltin,
  rfc2136: openRfc2136,
  powerdns: openPowerDns,
  route53: openRoute53,
  cloudflare: openCloudflare,
};

export async function openProviderPlace(
  kind: PlaceKind,
  deps: { readonly asked: Asked; readonly nowMs: () => number },
): Promise<ProviderPlace> {
  await using opened = new AsyncDisposableStack();
  const place = await OPEN[kind]({ ...deps, opened });
  const all = opened.move();
  return { ...place, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** How long the code of a provider takes to load, once for each process. */
async function timed<T>(
  nowMs: () => number,
  load: () => Promise<T>,
): Promise<{ readonly loaded: T; readonly loadMs: number }> {
  const startMs = nowMs();
  const loaded = await load();
  return { loaded, loadMs: nowMs() - startMs };
}

async function openBuiltin({ asked, nowMs, opened }: Opening): Promise<Opened> {
  const { loaded, loadMs } = await timed(nowMs, () => import('../../providers/builtin/index.ts'));
  const { clients } = opened.use(await openStorePlace('sqlite'));
  const [client] = clients;
  const store = new Proxy(client, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]) => {
        asked.one();
        return Reflect.apply(member, target, args);
      };
    },
  });
  const provider = loaded.createBuiltinProvider({ name: 'builtin', store, keys: storeKeys('prod') });
  return { provider, loadMs };
}

async function openRfc2136({ asked, nowMs, opened }: Opening): Promise<Opened> {
  const { loaded, loadMs } = await timed(nowMs, () => import('../../providers/rfc2136/index.ts'));
  const { clock } = opened.use(await openStorePlace('sqlite'));
  const server = opened.use(await startBind());
  const { port } = opened.use(await openCountingRelay(server.port, asked.one));
  const options = { name: 'bind', clock, server: { host: '127.0.0.1', port }, tsig: TSIG, timeoutMs: TIMEOUT_MS };
  return { provider: loaded.createRfc2136Provider(options), loadMs };
}

async function openPowerDns({ asked, nowMs, opened }: Opening): Promise<Opened> {
  const { loaded, loadMs } = await timed(nowMs, () => import('../../providers/powerdns/index.ts'));
  const { clock } = opened.use(await openStorePlace('sqlite'));
  const server = opened.use(await startPowerDns());
  const { port } = opened.use(await openCountingRelay(server.port, asked.one));
  const apiPort = Number(new URL(server.apiUrl).port);
  const api = opened.use(await openCountingRelay(apiPort, asked.one));
  const provider = loaded.createPowerDnsProvider({
    ...{ name: 'pdns', clock, server: { host: '127.0.0.1', port }, tsig: TSIG, timeoutMs: TIMEOUT_MS },
    api: { url: `http://127.0.0.1:${api.port}`, apiKey: new Secret(POWERDNS_API_KEY), serverId: 'localhost' },
  });
  return { provider, loadMs };
}

async function openRoute53({ asked, nowMs, opened }: Opening): Promise<Opened> {
  const { loaded, loadMs } = await timed(nowMs, () => import('../../providers/route53/index.ts'));
  const { clock } = opened.use(await openStorePlace('sqlite'));
  const double = opened.use(await Route53Double.start());
  const zoneId = double.zones.create(ZONE);
  const { accessKeyId, secretAccessKey } = double.addKey();
  const { port } = opened.use(await openCountingRelay(Number(new URL(double.endpoint).port), asked.one));
  const provider = loaded.createRoute53Provider({
    ...{ name: 'aws', clock, zones: { [ZONE]: zoneId }, assumeRole: null, region: null, timeoutMs: TIMEOUT_MS },
    credentials: {
      kind: 'keys',
      accessKeyId: new Secret(accessKeyId),
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: null,
    },
    endpoint: `http://127.0.0.1:${port}`,
  });
  return { provider, loadMs };
}

async function openCloudflare({ asked, nowMs, opened }: Opening): Promise<Opened> {
  const { loaded, loadMs } = await timed(nowMs, () => import('../../providers/cloudflare/index.ts'));
  const zoneId = 'a'.repeat(32);
  const token = 't'.repeat(40);
  // The limit of requests would end a long run: its window passes with every question.
  let minutesMs = 0;
  const double = opened.use(
    await startCloudflareDouble({ zones: [{ id: zoneId, name: 'example.com' }], nowMs: () => (minutesMs += 60_000) }),
  );
  double.grant(token);
  const { port } = opened.use(await openCountingRelay(Number(new URL(double.baseUrl).port), asked.one));
  const provider = loaded.createCloudflareProvider({
    ...{ name: 'cf', zoneIds: { [ZONE]: zoneId }, apiToken: new Secret(token), timeoutMs: TIMEOUT_MS },
    endpoint: `http://127.0.0.1:${port}/client/v4`,
  });
  return { provider, loadMs };
}
