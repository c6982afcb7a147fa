// The world of the RFC 2136 provider: a real server of dynamic updates on loopback, and clients that reach it through a relay.
import { createRfc2136Provider } from '../../providers/rfc2136/index.ts';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import type { ProviderWorld, WriteFate } from '../conformance/provider.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { openUpdateRelay, type UpdateFate, type UpdateRelay } from './dns/update-relay.ts';
import { freePort } from './servers/free-port.ts';
import { UPDATE_KEY, UPDATE_ZONES, type UpdateKey, type UpdateServer } from './servers/update-zones.ts';

const FATES: Readonly<Record<Exclude<WriteFate, 'unreachable'>, UpdateFate>> = {
  answered: 'pass',
  writtenUnanswered: 'loseAnswer',
  droppedUnanswered: 'loseRequest',
};

/** A client of the server at `port`. */
export function updateClient(
  port: number,
  { key = UPDATE_KEY, clockAheadMs = 0 }: { readonly key?: UpdateKey; readonly clockAheadMs?: number } = {},
): DnsProvider {
  const clock = createSystemClock();
  return createRfc2136Provider({
    name: 'primary',
    clock: { timer: clock.timer, wallMs: () => clock.wallMs() + clockAheadMs },
    server: { host: '127.0.0.1', port },
    tsig: { ...key, secret: new Secret(key.secret) },
    timeoutMs: 30_000,
  });
}

/** Servers open their port before they have read their zones. */
export async function waitForZones(provider: DnsProvider): Promise<void> {
  const signal = new AbortController().signal;
  for (const zone of UPDATE_ZONES) {
    await waitUntil(`the server to serve ${zone}`, async () => {
      const listed = await provider.list(`${zone}.`, { names: [], signal }).catch(() => null);
      return listed !== null;
    });
  }
}

/** Ways to the server at `port`, one for each fate of a write; nobody listens where it is unreachable. */
export async function openRelays(
  port: number,
): Promise<AsyncDisposable & { readonly portOf: (fate: WriteFate) => number }> {
  const relays: UpdateRelay[] = [];
  const ports = new Map<WriteFate, number>();
  const nobody = await freePort();
  for (const [fate, doing] of Object.entries(FATES) as [WriteFate, UpdateFate][]) {
    const relay = await openUpdateRelay(port, doing);
    relays.push(relay);
    ports.set(fate, relay.port);
  }
  return {
    portOf: (fate) => ports.get(fate) ?? nobody,
    [Symbol.asyncDispose]: async () => {
      for (const relay of relays) await relay[Symbol.asyncDispose]();
    },
  };
}

export async function makeRfc2136World(start: () => Promise<UpdateServer>): Promise<ProviderWorld> {
  const server = await start();
  await waitForZones(updateClient(server.port));
  const relays = await openRelays(server.port);
  return {
    connect: (fate = 'answered') => updateClient(relays.portOf(fate)),
    [Symbol.asyncDispose]: async () => {
      await relays[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
