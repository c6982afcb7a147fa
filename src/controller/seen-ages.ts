// How long ago this prober read the age of a cooldown: a controller writes it down every few minutes only, and what has passed
// since then is counted here, by one monotonic clock (S1).
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { AgedOperation } from '../failover/service-state.ts';
import type { StoreView } from '../ports/store-view.ts';

export type SeenAges = {
  /** Time since `known` was first seen as it is; zero for what was never seen, so that no age is overstated. */
  readonly sinceMs: (service: ServiceId, known: AgedOperation) => number;
};

type Options = {
  readonly services: readonly { readonly id: ServiceId }[];
  readonly keys: StoreKeys;
  readonly view: StoreView;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

type Seen = AgedOperation & { readonly atMonoMs: number };

/** Looks on every change of a service until the signal aborts. */
export function watchAges({ services, keys, view, clock, signal }: Options): SeenAges {
  const seen = new Map<ServiceId, Seen>();
  const look = (id: ServiceId) => {
    const found = readCooldown(view.get(keys.service(id))?.value);
    if (found === null) seen.delete(id);
    else if (!isSame(seen.get(id), found)) seen.set(id, { ...found, atMonoMs: clock.monotonicMs() });
  };
  for (const { id } of services) {
    const stop = view.onChange(keys.service(id), () => look(id));
    signal.addEventListener('abort', stop, { once: true });
    look(id);
  }
  return {
    sinceMs: (service, known) => {
      const found = seen.get(service);
      return found !== undefined && isSame(found, known) ? clock.monotonicMs() - found.atMonoMs : 0;
    },
  };
}

function isSame(one: AgedOperation | undefined, other: AgedOperation): boolean {
  return one?.opId === other.opId && one.agedMs === other.agedMs;
}

/** Null without a cooldown, and for a record that cannot be read: whoever decodes it says so. */
function readCooldown(text: string | undefined): AgedOperation | null {
  try {
    const { cooldown = null } = JSON.parse(text ?? '{}') as { readonly cooldown?: AgedOperation | null };
    return cooldown === null ? null : { opId: cooldown.opId, agedMs: cooldown.agedMs };
  } catch {
    return null;
  }
}
