// How a prober stands with its store, as `status` tells it.
import type { Clock } from '../base/clock.ts';
import type { Connected } from './connect-store.ts';

/** Durations in milliseconds; `generation` is that of the store this prober is connected to. */
export type SelfStore =
  | { readonly kind: 'reachable'; readonly engine: string; readonly generation: number; readonly ageMs: number }
  | ({ readonly kind: 'lost'; readonly engine: string; readonly generation: number } & Loss);

type Loss = { readonly code: string; readonly reason: string; readonly forMs: number };

export function storeHealth({ store, meta }: Pick<Connected, 'store' | 'meta'>, clock: Clock): SelfStore {
  const health = store.health();
  const now = clock.monotonicMs();
  const of = { engine: store.kind, generation: meta.generation.number };
  if (health.kind === 'reachable') {
    return { kind: 'reachable', ...of, ageMs: Math.round(now - health.lastSuccessMonoMs) };
  }
  const { code, reason, sinceMonoMs } = health;
  return { kind: 'lost', ...of, code, reason, forMs: Math.round(now - sinceMonoMs) };
}
