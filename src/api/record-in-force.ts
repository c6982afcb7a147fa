// The configuration in force as the store has it at this moment, with the guard that holds it. What may go is judged from the
// very text that the commit replaces or rests on, never from what this prober happens to run with (S7).
import { err, ok, type Result } from '../base/result.ts';
import type { Config } from '../config/config.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { Guard } from '../ports/store.ts';
import type { ApiSource } from './api-source.ts';

export type RecordInForce = {
  readonly config: Config;
  /** Null before the first `oneup reload` or `oneup init` has written one; then this prober's own configuration counts. */
  readonly text: string | null;
  readonly guard: Guard;
};

/** Refuses where the record cannot be loaded here: nobody can say from an older file which nodes and services it names. */
export async function recordInForce({
  store,
  keys,
  config,
  loadText,
}: Pick<ApiSource, 'store' | 'keys' | 'config' | 'loadText'>): Promise<Result<RecordInForce, Refusal>> {
  const current = await store.get(keys.config);
  if (current === null) return ok({ config, text: null, guard: { kind: 'absent', key: keys.config } });
  const loaded = loadText(current.value);
  const guard: Guard = { kind: 'version', key: keys.config, version: current.version };
  if (loaded.ok) return ok({ config: loaded.value, text: current.value, guard });
  return err({
    rule: 'S7.cannot-load',
    reason: `this prober cannot load the configuration in force, so it cannot judge what would go: ${loaded.error}`,
    remedy: 'Run it on a prober that can load it, or give this one the variables and files that it names',
  });
}
