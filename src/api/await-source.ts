// Bridges the moment between two configurations or two openings of the store, so that a request that comes just then is served.
import type { Clock } from '../base/clock.ts';
import type { AgentSource } from './agent-source.ts';

/** Longer than a reload takes; an agent that waits in vain goes to another prober. */
const GAP_MS = 1_000;
const LOOK_MS = 20;

type SourceOptions = { readonly clock: Clock; readonly source: () => AgentSource };

export type Need = { readonly signal: AbortSignal; readonly session?: boolean };

/**
 * `session`: one is needed, too, and waited for as long. Rejects with what `source` throws when it has thrown for a second, or
 * with the signal's reason.
 */
export async function awaitSource({ clock, source }: SourceOptions, need: Need): Promise<AgentSource> {
  const untilMonoMs = clock.monotonicMs() + GAP_MS;
  for (;;) {
    const isLast = clock.monotonicMs() >= untilMonoMs;
    try {
      const found = source();
      if (isLast || isReady(found, need)) return found;
    } catch (error) {
      if (isLast) throw error;
    }
    await clock.sleep(LOOK_MS, { signal: need.signal });
  }
}

/** Whether it runs the configuration that its own copy of the store names: another one is about to begin otherwise (S7). */
function isReady({ view, keys, configVersion, session }: AgentSource, need: Need): boolean {
  if ((view.get(keys.config)?.version ?? null) !== configVersion) return false;
  return need.session !== true || session() !== null;
}
