// One more authoritative server of a zone at a provider, which follows the zone as a secondary does, and can be told to stay
// behind: then it goes on giving the old answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { startNameServer } from '../../../src/server/name-server.ts';
import type { ServingState } from '../../../src/zone/serving-state.ts';
import { collectingLogger } from '../../support/dns/live-server.ts';
import { zoneOf } from '../../support/dns/zone-text.ts';

export type CopyingServer = AsyncDisposable & {
  /** As it stands in a list of servers. */
  readonly address: string;
  /** Copies what `lines` gives, `name ttl type value` each, from now on. */
  readonly follow: (lines: () => Promise<readonly string[]>) => void;
  readonly setBehind: (isBehind: boolean) => void;
};

const COPY_MS = 50;

/** `zone` without the dot at its end. */
export async function startCopyingServer(zone: string): Promise<CopyingServer> {
  await using opened = new AsyncDisposableStack();
  let serial = 0;
  let last: string | null = null;
  let isBehind = false;
  let isOpen = true;
  let copying: Promise<void> = Promise.resolve();
  let state: ServingState = stateOf([]);
  function stateOf(lines: readonly string[]): ServingState {
    serial += 1;
    const apex = `${zone}. 60 SOA ns1.${zone}. ops.${zone}. ${serial} 60 5 86400 1\n${zone}. 60 NS ns1.${zone}.\nns1.${zone}. 60 A 127.0.0.1\n`;
    return Object.freeze({ zones: [zoneOf(apex + lines.join('\n'))], mode: { kind: 'fresh' } });
  }
  const copy = (lines: readonly string[]): void => {
    const text = lines.join('\n');
    if (isBehind || text === last) return;
    last = text;
    state = stateOf(lines);
  };
  const server = opened.use(
    await startNameServer({
      endpoints: [{ host: '127.0.0.1', port: 0 }],
      clock: opened.use(createSystemClock()),
      logger: collectingLogger([]),
      state: () => state,
      limits: {},
    }),
  );
  const all = opened.move();
  return {
    address: `127.0.0.1:${server.endpoints[0]?.port}`,
    follow: (lines) => {
      copying = (async () => {
        while (isOpen) {
          // A primary that is silent for a while is asked again.
          await lines().then(copy, () => undefined);
          await sleep(COPY_MS);
        }
      })();
    },
    setBehind: (next) => {
      isBehind = next;
    },
    [Symbol.asyncDispose]: async () => {
      isOpen = false;
      await copying;
      await all.disposeAsync();
    },
  };
}
