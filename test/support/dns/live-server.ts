// A name server on free loopback ports with a fake clock and a state that tests can swap.
import type { Logger } from '../../../src/ports/logger.ts';
import { type NameServer, type NameServerLimits, startNameServer } from '../../../src/server/name-server.ts';
import type { ServingState } from '../../../src/zone/serving-state.ts';
import { createFakeClock, type FakeClock } from '../fake-clock.ts';
import { EXAMPLE_ZONE } from './example-zone.ts';
import { zoneOf } from './zone-text.ts';

export type LiveServer = AsyncDisposable & {
  readonly server: NameServer;
  readonly clock: FakeClock;
  /** First endpoint. */
  readonly endpoint: { readonly host: string; readonly port: number };
  /** Swaps what is served; a function stands in for code that fails. */
  readonly serve: (state: ServingState | (() => ServingState)) => void;
  /** Messages of warn and error lines. */
  readonly logged: readonly string[];
};

export type LiveServerOptions = {
  readonly hosts?: readonly string[];
  readonly limits?: Partial<NameServerLimits>;
};

export async function startLiveServer({
  hosts = ['127.0.0.1'],
  limits = {},
}: LiveServerOptions = {}): Promise<LiveServer> {
  const clock = createFakeClock();
  const logged: string[] = [];
  let state: () => ServingState = () => EXAMPLE_STATE;
  const server = await startNameServer({
    endpoints: hosts.map((host) => ({ host, port: 0 })),
    clock,
    logger: collectingLogger(logged),
    state: () => state(),
    limits,
  });
  return {
    server,
    clock,
    endpoint: server.endpoints[0] ?? { host: '127.0.0.1', port: 0 },
    serve: (next) => {
      state = typeof next === 'function' ? next : () => next;
    },
    logged,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export const EXAMPLE_STATE: ServingState = Object.freeze({ zones: [zoneOf(EXAMPLE_ZONE)], mode: { kind: 'fresh' } });

export function collectingLogger(lines: string[]): Logger {
  const add = (_data: object, message: string): void => {
    lines.push(message);
  };
  const quiet = (): void => undefined;
  return { debug: quiet, info: quiet, warn: add, error: add, child: () => collectingLogger(lines) };
}
