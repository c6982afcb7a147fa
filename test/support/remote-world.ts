// An engine behind a network as a world for the conformance suite: the real server, clients on fake clocks. Between two steps
// of time everything that is on its way arrives, so no clock runs while a server works.
import { setImmediate as turn } from 'node:timers/promises';
import type { RemoteBackend } from '../../src/store/remote-backend.ts';
import { RemoteStore } from '../../src/store/remote-store.ts';
import { createFakeTimeWorld, overrunLog } from './fake-time-world.ts';
import { type StoreWorld, WORLD_BOUNDS } from './store-world.ts';

/** Short, so that a test can overrun it; longer than any single test writes. */
export const WORLD_REVISIONS_MAX = 400;
/** A server that takes longer than this for one answer will not give it. */
const PATIENCE_MS = 60_000;

export type RemoteWorldOptions = {
  /** One more client, with a log of at most WORLD_REVISIONS_MAX revisions and, if it polls, a poll of 10 ms. */
  readonly connect: () => Promise<RemoteBackend>;
  /** Removes what this world has written. */
  readonly dispose: () => Promise<void>;
};

export function createRemoteWorld({ connect, dispose }: RemoteWorldOptions): StoreWorld {
  const traffic = { inFlight: 0 };
  const backends = new Set<RemoteBackend>();
  return createFakeTimeWorld({
    open: async (clock) => {
      const backend = await connect();
      backends.add(backend);
      const counted = countCalls({ ...bound(backend), close: () => close(backend) }, traffic);
      return new RemoteStore(counted, { clock, bounds: WORLD_BOUNDS });
    },
    forgetHistory: (store) => overrunLog(store, WORLD_REVISIONS_MAX),
    dispose,
    settle: () => settle(backends, traffic),
  });

  function close(backend: RemoteBackend): void {
    backends.delete(backend);
    backend.close();
  }
}

/** What is pushed arrives before a look is answered, and what it sets off is counted: then all is quiet. */
async function settle(backends: ReadonlySet<RemoteBackend>, traffic: { readonly inFlight: number }): Promise<void> {
  await quiet(traffic);
  await Promise.all([...backends].map((backend) => backend.look(AbortSignal.timeout(PATIENCE_MS)).catch(() => null)));
  await quiet(traffic);
}

async function quiet(traffic: { readonly inFlight: number }): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  for (let calm = 0; calm < 3; calm = traffic.inFlight === 0 ? calm + 1 : 0) {
    if (performance.now() > until) throw new Error(`${traffic.inFlight} calls have not come back`);
    await turn();
  }
}

type Method = (...args: readonly unknown[]) => unknown;

function bound(backend: RemoteBackend): RemoteBackend {
  const { kind, pollMs } = backend;
  const methods = [
    'look',
    'get',
    'list',
    'commit',
    'outcomeOf',
    'changesAfter',
    'insertSession',
    'renewSession',
  ] as const;
  const rest = ['removeSession', 'onHint', 'close'] as const;
  const functions = [...methods, ...rest].map((name) => [name, (backend[name] as Method).bind(backend)]);
  return { kind, pollMs, ...Object.fromEntries(functions) };
}

/** The same backend, with its calls counted while they run. */
function countCalls(backend: RemoteBackend, traffic: { inFlight: number }): RemoteBackend {
  const counted = Object.entries(backend).map(([name, value]) => {
    if (typeof value !== 'function' || name === 'onHint' || name === 'close') return [name, value];
    const call = async (...args: readonly unknown[]) => {
      traffic.inFlight += 1;
      try {
        return await (value as Method)(...args);
      } finally {
        traffic.inFlight -= 1;
      }
    };
    return [name, call];
  });
  return Object.fromEntries(counted);
}
