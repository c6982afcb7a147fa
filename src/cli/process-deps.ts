// What one process of a prober has of its own for as long as it lives: its name, and its book of grants, which holds across stores
// and configurations (S37).
import { ClaimBook } from '../base/claim-book.ts';
import type { ProberConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { AppDeps } from './app-deps.ts';

export type ProcessDeps = AppDeps & { readonly processId: string; readonly book: ClaimBook };

type Own = { readonly loaded: LoadedConfig; readonly prober: ProberConfig };

export function processDeps({ loaded, prober }: Own, deps: AppDeps): ProcessDeps {
  const processId = deps.processId ?? deps.uniqueId();
  const { rho, marginMs } = loaded.config.cluster.timing;
  const startedMonoMs = deps.clock.monotonicMs();
  const book = new ClaimBook({ peer: `${prober.id}/${processId}`, startedMonoMs, bounds: { rho, marginMs } });
  return { ...deps, processId, book };
}
